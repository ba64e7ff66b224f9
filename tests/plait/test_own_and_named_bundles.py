"""Every bundle end to end: build, search, recommend, evaluate, on small models of the real classes.

The models of the named bundles lie where the hub's client keeps what it fetched, under their real names, so that they
are found and loaded as a user's download is.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import huggingface_hub
import numpy as np
import pytest
import soundfile
from huggingface_hub import constants
from PIL import Image

from embedders.bundles import BUNDLES, CLAP_SOUNDS, CLIP_PICTURES, QWEN, make_encoder
from embedders.encoder import text_tower
from embedders.items import Strand
from plait import Recommender
from plait.cli import run
from plait.flows.search import Query, encode_as_items, encode_queries
from plait.raw_vectors import raw_vectors
from plait.workspace import Workspace
from tests.copying import copied
from tests.embedders.media_files import tone
from tests.embedders.tiny_models import (
    in_hub_cache,
    tiny_bert,
    tiny_clap,
    tiny_clip,
    tiny_llm,
    tiny_timm,
    tiny_torchvision,
)
from tests.plait import toy
from tests.plait.conftest import Cli

pytestmark = pytest.mark.system  # a dozen models are made and searched with: a minute or two

COUNT = 24
OWN = """\
[encoders]
text = "{bert}"
image = "{timm}"
audio = {{ model = "shufflenet_v2_x0_5", library = "torchvision", weights = "{shuffle}", dimension = 1024 }}
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a hub cache that holds small models under the names of those of `clip` and `llm`."""
    cache, made = tmp_path_factory.mktemp("hub"), tmp_path_factory.mktemp("made")
    for spec, folder in (
        (CLIP_PICTURES, tiny_clip(made / "clip", dimension=512)),
        (CLAP_SOUNDS, tiny_clap(made / "clap", dimension=512, pickled=True)),
        (QWEN, tiny_llm(made / "llm", width=544)),
    ):
        in_hub_cache(cache, spec.model, spec.revision, folder)
    return cache


@pytest.fixture(scope="module", autouse=True)
def hub_is_used(hub: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(constants, "HF_HUB_CACHE", str(hub))
        yield


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with items of one to three strands and a log."""
    folder = tmp_path_factory.mktemp("catalogue")
    (folder / "media").mkdir()
    draw = np.random.default_rng(1)
    rows = toy.items()
    for place, row in enumerate(rows):
        picture, recording = f"media/picture-{place}.png", f"media/sound-{place}.wav"
        Image.fromarray(draw.integers(0, 256, (4, 4, 3), np.uint8)).resize((40, 32)).save(folder / picture)
        noise = draw.normal(0, 0.02, 8_000).astype(np.float32)
        soundfile.write(folder / recording, tone(150.0 + 40.0 * place, 1.0, rate=8_000) + noise, 8_000)
        # Each sixth item has a sound only.
        row["image"] = picture if place % 4 != 3 and place % 6 != 5 else ""
        row["audio"] = recording if place % 3 or place % 6 == 5 else ""
        if place % 6 == 5:
            row["title"] = row["description"] = ""
    toy.write_table(folder / "items.csv", rows)
    toy.write_table(folder / "interactions.csv", toy.interactions())
    return folder


@pytest.fixture(scope="module")
def own_models(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a plait.toml that names a text folder, a timm folder, and a torchvision network by its weights."""
    made = tmp_path_factory.mktemp("models")
    shuffle = tiny_torchvision(made / "shuffle.pth")
    return OWN.format(bert=tiny_bert(made / "bert"), timm=tiny_timm(made / "timm"), shuffle=shuffle)


@pytest.fixture(scope="module")
def build_once(catalogue: Path, own_models: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what builds a workspace of the catalogue by the command line, once for each bundle."""

    @cache
    def build(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name) / "workspace"
        files = ["--items", str(catalogue / "items.csv"), "--interactions", str(catalogue / "interactions.csv")]
        if name == "own":
            folder.mkdir()
            (folder / "plait.toml").write_text(own_models, encoding="utf-8")
        else:
            files += ["--bundle", name]
        assert run(["build", str(folder), *files, "--json"]) == 0
        return folder

    return build


@pytest.fixture(params=["clip", "llm", "own"])
def workspace(request: pytest.FixtureRequest, build_once: Callable[[str], Path]) -> Path:
    """Return a workspace of each bundle. Read only."""
    return build_once(request.param)


def found(cli: Cli, *arguments: object) -> list[str]:
    outcome = cli(*arguments, "--json")
    assert outcome.code == 0, outcome.err
    return [item["item_id"] for item in json.loads(outcome.out)["items"]]


def test_each_strand_is_searched_by_each(cli: Cli, workspace: Path, catalogue: Path) -> None:
    picture, sound = catalogue / "media" / "picture-4.png", catalogue / "media" / "sound-4.wav"
    for asked in (["Bread: recipes"], ["--image", picture], ["--audio", sound], ["Bread", "--image", picture]):
        assert len(set(found(cli, "search", workspace, *asked, "--limit", COUNT))) == COUNT


@pytest.mark.parametrize(("option", "strand"), [("--image", Strand.IMAGE), ("--audio", Strand.AUDIO)])
def test_a_medium_is_compared_as_its_vector_says(
    cli: Cli, workspace: Path, catalogue: Path, option: str, strand: Strand
) -> None:
    """The order beside one made of the item's own vector out of the cache, every item scored."""
    opened = Workspace.open(workspace)
    stored = list(opened.store.items())
    vectors = raw_vectors(opened, stored)
    fusion = Recommender.open(workspace)._live.refresh().fusion
    [place] = [place for place, item in enumerate(stored) if item.item.item_id == "cooking-4"]
    query = fusion.query({strand: vectors[strand][place : place + 1]})
    scores = query.rescore(fusion.fuse(vectors)[None]).scores[0]
    expected = [stored[row].item.item_id for row in np.argsort(-scores, kind="stable")[:5]]
    file = stored[place].item.content(strand)
    assert found(cli, "search", workspace, option, file, "--limit", 5) == expected


@pytest.mark.parametrize("workspace", ["clip"], indirect=True)
def test_an_items_own_words_find_it(cli: Cli, workspace: Path) -> None:
    words = f"Storm\nStorm: {toy.TEXTS['sailing']}."
    assert found(cli, "search", workspace, words, "--weights", "text=1")[0] == "sailing-1"


def test_it_recommends_and_answers_for_a_new_item(cli: Cli, workspace: Path) -> None:
    assert len(found(cli, "recommend", workspace, "--user", "user-1", "--limit", 5)) == 5
    assert len(found(cli, "recommend", workspace, "--describe", "boats at sea", "--limit", 5)) == 5
    assert len(found(cli, "similar", workspace, "space-0", "--limit", 5)) == 5
    outcome = cli("cold-start", workspace, "--title", "Storm", "--description", "boats at sea", "--json")
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["similar"]


@pytest.mark.parametrize(
    ("workspace", "pair"),
    [("clip", "text:image"), ("clip", "image:text"), ("llm", "text:audio"), ("own", "text:audio")],
    indirect=["workspace"],
)
def test_it_is_evaluated(cli: Cli, workspace: Path, pair: str) -> None:
    outcome = cli("evaluate", workspace, "--protocol", "cross-modal", "--pair", pair, "--seeds", 1, "--json")
    assert outcome.code == 0, outcome.err
    metrics = json.loads(outcome.out)["models"]["plait"]
    assert 0.0 <= metrics["whole/recall@10"]["mean"] <= metrics["recall@10"]["mean"] <= 1.0


def test_recommendations_are_evaluated(cli: Cli, workspace: Path) -> None:
    outcome = cli("evaluate", workspace, "--protocol", "last-liked", "--seeds", 1, "--models", "content", "--json")
    assert outcome.code == 0, outcome.err
    assert 0.0 <= json.loads(outcome.out)["models"]["content"]["ndcg@10"]["mean"] <= 1.0


def test_a_second_build_encodes_nothing(cli: Cli, workspace: Path, catalogue: Path, tmp_path: Path) -> None:
    copy = copied(workspace, tmp_path / "workspace")
    outcome = cli("build", copy, "--items", catalogue / "items.csv", "--json")
    assert outcome.code == 0, outcome.err
    answer = json.loads(outcome.out)
    assert (answer["items"]["unchanged"], answer["encoded"]) == (COUNT, {"text": 0, "image": 0, "audio": 0})


@pytest.mark.parametrize("workspace", ["clip"], indirect=True)
def test_words_are_asked_of_pictures_by_clips_own_tower(workspace: Path) -> None:
    """What finds pictures is CLIP's own cosine, centred, and what finds sounds is CLAP's."""
    opened = Workspace.open(workspace)
    fusion = Recommender.open(workspace)._live.refresh().fusion
    for strand, spec in ((Strand.IMAGE, CLIP_PICTURES), (Strand.AUDIO, CLAP_SOUNDS)):
        tower = text_tower(make_encoder(spec))
        assert tower is not None
        rows = tower.encode(["boats at sea", "a cup of tea"])
        text_map = fusion.text_maps[strand]
        assert text_map.tower is not None
        mapped = (rows - text_map.tower.shift) @ fusion.own[strand].matrix
        mapped /= np.linalg.norm(mapped, axis=1, keepdims=True)
        texts = opened.encoder(Strand.TEXT).encode(["boats at sea", "a cup of tea"])
        query = fusion.query({Strand.TEXT: texts}, towers={strand: rows}, weights={strand: 1.0})
        own = (block for block in fusion.blocks if block.strand is strand and not block.aligned and not block.kin)
        [block] = own
        asked = query.vectors[:, block.start : block.stop]
        np.testing.assert_allclose(asked / np.linalg.norm(asked, axis=1, keepdims=True), mapped, atol=1e-5)


@pytest.mark.parametrize("workspace", ["llm"], indirect=True)
def test_an_llm_reads_queries_behind_its_instruction(workspace: Path) -> None:
    opened = Workspace.open(workspace)
    encoder = opened.encoder(Strand.TEXT)
    instructed = encoder.encode([QWEN.query_prompt + "boats at sea"])
    query = Query(text="boats at sea")
    asked = encode_queries(opened, [query])
    np.testing.assert_allclose(asked[Strand.TEXT], instructed, atol=1e-5)
    as_item = encode_as_items(opened, query, asked)[Strand.TEXT]
    np.testing.assert_allclose(as_item, encoder.encode(["boats at sea"]), atol=1e-5)
    assert abs(as_item - instructed).max() > 1e-3
    assert as_item.shape == (1, 512)


@pytest.mark.parametrize("name", ["clip", "llm"])
def test_without_leave_nothing_is_fetched(
    cli: Cli, name: str, catalogue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise AssertionError("a download was tried")

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    make_encoder.cache_clear()
    outcome = cli("build", tmp_path / "w", "--items", catalogue / "items.csv", "--bundle", name)
    make_encoder.cache_clear()
    assert outcome.code == 1
    size = {"clip": "605 MB", "llm": "1,207 MB"}[name]
    model = BUNDLES[name].encoders[Strand.TEXT].model
    assert outcome.err.splitlines()[-1] == (
        f"plait: bundle {name}: text model {model} ({size}) is not on this machine; --allow-download fetches it"
    )
    assert outcome.err.count("\n") == 1


def fetcher(hub: Path, cache: Path, calls: list[str]) -> Callable[..., str]:
    """Return what stands for the hub's client: it copies what is asked for out of `hub`."""

    def fetch(repository: str, *, revision: str, allow_patterns: list[str], ignore_patterns: list[str]) -> str:
        calls.append(repository)
        name = f"models--{repository.replace('/', '--')}"
        assert (hub / name / "snapshots" / revision).is_dir()
        assert any(pattern.endswith((".bin", ".safetensors")) for pattern in allow_patterns)
        shutil.copytree(hub / name, cache / name)
        return str(cache / name / "snapshots" / revision)

    return fetch


def test_with_leave_each_model_is_fetched_once(
    cli: Cli, hub: Path, catalogue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    calls: list[str] = []
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetcher(hub, cache, calls))
    make_encoder.cache_clear()
    arguments = ("build", tmp_path / "w", "--items", catalogue / "items.csv", "--bundle", "clip", "--allow-download")
    outcome = cli(*arguments)
    make_encoder.cache_clear()
    assert outcome.code == 0, outcome.err
    assert sorted(calls) == ["laion/CLIP-ViT-B-32-laion2B-s34B-b79K", "laion/clap-htsat-unfused"]


def test_another_bundle_is_refused(cli: Cli, workspace: Path, catalogue: Path) -> None:
    outcome = cli("build", workspace, "--items", catalogue / "items.csv", "--bundle", "other")
    assert outcome.code == 2
    assert "--bundle other" in outcome.err


def test_settings_that_were_changed_are_told(cli: Cli, workspace: Path, tmp_path: Path) -> None:
    copy = copied(workspace, tmp_path / "workspace")
    (copy / "plait.toml").write_text('[encoders]\nbundle = "compact"\n', encoding="utf-8")
    for arguments in (("search", copy, "tea"), ("recommend", copy, "--user", "user-1")):
        outcome = cli(*arguments)
        assert outcome.code == 1
        assert "was built with the" in outcome.err
        assert "change plait.toml back" in outcome.err
        assert outcome.err.count("\n") == 1
