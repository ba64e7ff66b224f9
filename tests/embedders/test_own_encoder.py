"""What a folder or a name of one's own says of itself, without being loaded, and what it is when it is loaded."""

import hashlib
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import huggingface_hub
import numpy as np
import pytest
from huggingface_hub import constants

from embedders.bundles import MINILM, EncoderSpec, make_encoder
from embedders.encoder import QueryEncoder, QuerySide, encode_queries, text_tower
from embedders.items import Strand
from embedders.own_encoder import EncoderChoice, Library, own_spec
from tests.embedders.tiny_models import in_hub_cache, tiny_bert, tiny_clip, tiny_llm, tiny_timm


def text_spec(folder: str) -> EncoderSpec:
    return own_spec(Strand.TEXT, EncoderChoice(folder))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("local"))


def test_the_bundled_model_as_a_folder() -> None:
    spec = own_spec(Strand.TEXT, EncoderChoice(MINILM.weights(), licence="Apache-2.0"))
    assert (spec.dimension, spec.size, spec.licence) == (MINILM.dimension, MINILM.size, MINILM.licence)


@pytest.mark.parametrize(
    ("pooling", "dense", "dimension"), [("mean", None, 16), (("mean", "max"), None, 32), ("cls", 6, 6)]
)
def test_the_dimension_is_the_models(tmp_path: Path, pooling: str, dense: int | None, dimension: int) -> None:
    folder = tiny_bert(tmp_path, pooling=pooling, dense=dense)
    spec = text_spec(str(folder))
    assert spec.dimension == dimension
    assert make_encoder(spec).encode(["red scarf"]).shape == (1, dimension)


def test_older_releases_words_for_pooling(tmp_path: Path, model: Path) -> None:
    shutil.copytree(model, tmp_path / "old")
    ways = {"word_embedding_dimension": 16, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False}  # fmt: skip
    (tmp_path / "old" / "1_Pooling" / "config.json").write_text(json.dumps(ways))
    spec = text_spec(str(tmp_path / "old"))
    assert spec.dimension == 32
    assert make_encoder(spec).encode(["tea"]).shape == (1, 32)


def test_the_fingerprint_is_of_the_content(tmp_path: Path, model: Path) -> None:
    shutil.copytree(model, tmp_path / model.name)
    (tmp_path / model.name / "README.md").write_text("said otherwise")
    spec, moved = text_spec(str(model)), text_spec(str(tmp_path / model.name))
    assert moved.fingerprint == spec.fingerprint
    for name in ("model.safetensors", "tokenizer.json", "1_Pooling/config.json"):
        path = tmp_path / model.name / name
        before = path.read_bytes()
        path.write_bytes(before + b" ")
        assert text_spec(str(path.parents[name.count("/")])).fingerprint != spec.fingerprint
        path.write_bytes(before)
    assert text_spec(str(tmp_path / model.name)).fingerprint == spec.fingerprint


def test_folders_that_are_no_models(tmp_path: Path, model: Path) -> None:
    with pytest.raises(ValueError, match="is no folder with config.json and weights"):
        text_spec(str(tmp_path))
    with pytest.raises(ValueError, match="is no folder with config.json and weights"):
        text_spec(str(tmp_path / "absent"))
    shutil.copytree(model.parent / "bare", tmp_path / "mute")
    (tmp_path / "mute" / "config.json").write_text("{}")
    with pytest.raises(ValueError, match="does not say its dimension"):
        text_spec(str(tmp_path / "mute"))


def test_the_fingerprint_of_a_plain_folder_is_what_it_was_before_there_were_settings(model: Path) -> None:
    """Workspaces built then must open: the hash of weights, tokenizer and settings alone, by name and content."""
    digest = hashlib.sha256()
    for path in sorted(
        one for one in model.rglob("*") if one.suffix in (".safetensors", ".bin", ".json", ".txt", ".model")
    ):
        digest.update(f"{path.relative_to(model)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    assert text_spec(str(model)).fingerprint == f"text:{model.name}:{digest.hexdigest()[:16]}:1"


def test_prompts_and_truncation_are_part_of_what_an_encoder_is(model: Path) -> None:
    plain = text_spec(str(model))
    choice = EncoderChoice(str(model))
    others = [
        own_spec(Strand.TEXT, replace(choice, query_prompt="find: ")),
        own_spec(Strand.TEXT, replace(choice, document_prompt="find: ")),
        own_spec(Strand.TEXT, replace(choice, truncate_dim=4)),
    ]
    assert len({plain.fingerprint, *(spec.fingerprint for spec in others)}) == 4
    assert [spec.dimension for spec in others] == [16, 16, 4]
    assert own_spec(Strand.TEXT, replace(choice, truncate_dim=16)).fingerprint == plain.fingerprint


def test_prompts_that_the_folder_names(tmp_path: Path) -> None:
    folder = tiny_llm(tmp_path, prompts={"query": "Q: ", "passage": "D: "})
    spec = text_spec(str(folder))
    assert (spec.query_prompt, spec.document_prompt) == ("Q: ", "D: ")
    none = own_spec(Strand.TEXT, EncoderChoice(str(folder), query_prompt="", document_prompt=""))
    assert (none.query_prompt, none.document_prompt) == ("", "")
    encoder, bare = make_encoder(spec), make_encoder(none)
    assert isinstance(encoder, QueryEncoder)
    assert not isinstance(bare, QueryEncoder)
    np.testing.assert_allclose(encoder.encode(["tea"]), bare.encode(["D: tea"]), atol=1e-5)
    np.testing.assert_allclose(encode_queries(encoder, ["tea"]), bare.encode(["Q: tea"]), atol=1e-5)
    np.testing.assert_allclose(encode_queries(bare, ["tea"]), bare.encode(["tea"]), atol=1e-6)
    side = QuerySide(encoder)
    assert side.fingerprint == f"{encoder.fingerprint}:query"
    np.testing.assert_allclose(side.encode(["tea"]), bare.encode(["Q: tea"]), atol=1e-5)


def test_a_decoder_is_pooled_at_its_last_token_and_cut(tmp_path: Path) -> None:
    """Beside the network itself, one text at a time, so that nothing is padded."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = tiny_llm(tmp_path)
    spec = own_spec(Strand.TEXT, EncoderChoice(str(folder), truncate_dim=12))
    network = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    texts = ["tea", "a much longer text about a cup of tea", "x"]
    rows = []
    for text in texts:
        read = tokenizer(text, return_tensors="pt")
        assert read["input_ids"][0, -1] == tokenizer.eos_token_id
        with torch.inference_mode():
            rows.append(network(read["input_ids"]).last_hidden_state[0, -1, :12].numpy())
    expected = np.stack([row / np.linalg.norm(row) for row in rows])
    np.testing.assert_allclose(make_encoder(spec).encode(texts), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("strand", "choice", "message"),
    [
        (Strand.IMAGE, EncoderChoice("resnet18.a1_in1k"), "is no folder; a name needs its library, one of"),
        (
            Strand.AUDIO,
            EncoderChoice("x/y", library="open_clip"),
            "open_clip has no encoder for audio; expected one of",
        ),
        (Strand.TEXT, EncoderChoice("x/y", library="timm"), "timm has no encoder for text"),
        (Strand.IMAGE, EncoderChoice("/nowhere/at/all"), "is no folder with config.json and weights"),
        (Strand.TEXT, EncoderChoice("nobody/nothing"), "nobody/nothing is not on this machine; --allow-download"),
        (Strand.IMAGE, EncoderChoice("resnet18", library="timm", weights="/none.pth"), "weights /none.pth are no file"),
        (Strand.IMAGE, EncoderChoice("resnet18/IMAGENET1K_V1", library="torchvision"), "say dimension = 512"),
        (Strand.IMAGE, EncoderChoice("resnet18.a1_in1k", library="timm"), "is not on this machine; --allow-download"),
        (
            Strand.IMAGE,
            EncoderChoice("resnet18.a1_in2k", library="timm"),
            "timm knows no weights resnet18.a1_in2k; did you mean resnet18.a1_in1k or ",
        ),
        (Strand.AUDIO, EncoderChoice("qqqq", library="timm"), "timm knows no weights qqqq"),
    ],
)
def test_choices_that_are_wrong_are_one_line(strand: Strand, choice: EncoderChoice, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        own_spec(strand, choice)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("library", ["timm", "open_clip"])
@pytest.mark.parametrize("name", ["hf-hub:org/x", "hf_hub:org/x", "local-dir:/models/x"])
def test_a_name_with_a_scheme_is_refused(tmp_path: Path, library: Library, name: str) -> None:
    """With a file of weights, too: the library would read the settings from the hub, with no leave to fetch."""
    (tmp_path / "w.pth").touch()
    for weights in ("", str(tmp_path / "w.pth")):
        choice = EncoderChoice(name, library=library, weights=weights, dimension=8)
        with pytest.raises(
            ValueError, match=f"image model {name} has a prefix; expected a name of {library}"
        ) as caught:
            own_spec(Strand.IMAGE, choice, allow_download=True)
        assert "\n" not in str(caught.value)


def test_a_folder_whose_settings_are_no_json(tmp_path: Path, model: Path) -> None:
    shutil.copytree(model.parent / "bare", tmp_path / "torn")
    (tmp_path / "torn" / "config.json").write_text("{")
    with pytest.raises(ValueError, match=r"config\.json is no JSON file"):
        text_spec(str(tmp_path / "torn"))


def test_a_name_is_what_the_hubs_cache_holds(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    snapshot = in_hub_cache(tmp_path, "sentence-transformers/tiny", "c0ffee", model)
    for choice in (EncoderChoice("tiny"), EncoderChoice("sentence-transformers/tiny", revision="c0ffee")):
        spec = own_spec(Strand.TEXT, choice)
        assert spec.weights() == str(snapshot)
        assert spec.fingerprint == f"text:sentence-transformers:{choice.model}@c0ffee:1"
        assert spec.dimension == 16
        np.testing.assert_allclose(
            make_encoder(spec).encode(["red"]), make_encoder(text_spec(str(model))).encode(["red"]), atol=1e-6
        )
    with pytest.raises(ValueError, match="nobody/absent is not on this machine; --allow-download fetches it"):
        own_spec(Strand.TEXT, EncoderChoice("nobody/absent", dimension=8))
    timm = tiny_timm(tmp_path / "timm")
    in_hub_cache(tmp_path, "timm/test_resnet.own", "abcd", timm)
    spec = own_spec(Strand.IMAGE, EncoderChoice("test_resnet.own", library="timm"))
    assert (spec.dimension, spec.fingerprint) == (96, "image:timm:test_resnet.own@abcd:1")


def test_what_open_clip_describes_has_the_commit_of_its_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    name, repository = "ViT-B-32/laion2b_s34b_b79k", "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
    choice = EncoderChoice(name, library="open_clip")
    with pytest.raises(ValueError, match=f"image model {repository} is not on this machine; --allow-download"):
        own_spec(Strand.IMAGE, choice)
    held = tiny_clip(tmp_path / "clip")
    for commit in ("abcd", "c0ffee"):
        in_hub_cache(tmp_path, repository, commit, held)
        spec = own_spec(Strand.IMAGE, replace(choice, revision=commit))
        assert (spec.model, spec.dimension, spec.tower) == (name, 512, True)
        assert spec.fingerprint == f"image:open_clip:{name}@{commit}:1"
    assert own_spec(Strand.IMAGE, choice).fingerprint == spec.fingerprint, "the main branch as it was fetched last"


def test_what_is_fetched_is_settings_and_weights(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    asked: list[list[str]] = []

    def fetch(repository: str, *, revision: str | None, allow_patterns: list[str], ignore_patterns: list[str]) -> str:
        assert (repository, revision) == ("nobody/tiny", None)
        assert "onnx/*" in ignore_patterns
        asked.append(allow_patterns)
        return str(in_hub_cache(tmp_path, repository, "c0ffee", model))

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetch)
    spec = own_spec(Strand.TEXT, EncoderChoice("nobody/tiny"), allow_download=True)
    assert (spec.dimension, spec.local) == (16, True)
    assert len(asked) == 1
    assert "*.safetensors" in asked[0]
    assert "*.bin" not in asked[0]


def test_a_told_dimension_changes_no_fingerprint(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(
        huggingface_hub, "snapshot_download", lambda name, **_: str(in_hub_cache(tmp_path, name, "c0ffee", model))
    )
    choice = EncoderChoice("nobody/tiny", dimension=16)
    built = own_spec(Strand.TEXT, choice, allow_download=True)
    assert built.fingerprint == "text:sentence-transformers:nobody/tiny@c0ffee:1"
    assert own_spec(Strand.TEXT, choice) == own_spec(Strand.TEXT, replace(choice, dimension=0)) == built


def test_a_download_that_fails_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))

    def fail(*_: object, **__: object) -> str:
        raise ConnectionError("no route\nto the host")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    with pytest.raises(ValueError, match=r"^model nobody/tiny could not be fetched: no route to the host$"):
        own_spec(Strand.TEXT, EncoderChoice("nobody/tiny"), allow_download=True)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: "")
    with pytest.raises(ValueError, match=r"could not be fetched: it holds none of model\.safetensors"):
        own_spec(Strand.TEXT, EncoderChoice("nobody/tiny"), allow_download=True)


@pytest.mark.parametrize(
    ("name", "kind", "dimension", "tower"),
    [
        ("timm", "timm-image", 96, False), ("vit", "transformers-image", 16, False),
        ("clip of transformers", "transformers-image", 20, True), ("wav2vec", "transformers-audio", 16, False),
        ("timm sounds", "timm-audio", 96, False), ("torchvision", "torchvision-image", 1024, False),
    ],
)  # fmt: skip
def test_a_folder_tells_its_library(
    other_specs: dict[str, EncoderSpec], name: str, kind: str, dimension: int, tower: bool
) -> None:
    spec = other_specs[name]
    assert (spec.kind, spec.dimension, spec.tower, spec.local) == (kind, dimension, tower, True)
    assert spec.size > 1000


def test_a_clap_folder_and_a_clip_folder_tell_theirs(clap_spec: EncoderSpec, clip_spec: EncoderSpec) -> None:
    assert (clap_spec.kind, clap_spec.tower) == ("clap", True)
    assert (clip_spec.kind, clip_spec.tower) == ("open-clip", True)
    texts = own_spec(Strand.TEXT, EncoderChoice(clip_spec.model, library="open_clip"))
    tower = text_tower(make_encoder(clip_spec))
    assert tower is not None
    assert tower.fingerprint == texts.fingerprint, "so that texts are not encoded twice"
    np.testing.assert_array_equal(make_encoder(texts).encode(["tea"]), tower.encode(["tea"]))


def test_settings_that_a_folder_cannot_have_are_refused(tmp_path: Path) -> None:
    folder = str(tiny_bert(tmp_path / "bert"))
    dimension = own_spec(Strand.TEXT, EncoderChoice(folder)).dimension
    assert own_spec(Strand.TEXT, EncoderChoice(folder, truncate_dim=dimension)).dimension == dimension
    with pytest.raises(ValueError, match=f"truncate_dim {dimension + 1} is more than the {dimension} numbers of"):
        own_spec(Strand.TEXT, EncoderChoice(folder, truncate_dim=dimension + 1))
    with pytest.raises(ValueError, match="text revision abcd is of a name; .* is on the disk"):
        own_spec(Strand.TEXT, EncoderChoice(folder, revision="abcd"))
