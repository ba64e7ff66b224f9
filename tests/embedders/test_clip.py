"""Models of open_clip and CLAP: both towers as their libraries say, and nothing from elsewhere."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from embedders.bundles import EncoderSpec, make_encoder
from embedders.clip import clip_repository
from embedders.encoder import text_tower
from embedders.items import Strand
from embedders.model_encoders import tower_spec
from embedders.own_encoder import EncoderChoice, own_spec
from tests.embedders.media_files import tone

TEXTS = ["a warm red scarf", "green tea", "Wolle"]


def test_pictures_agree_with_open_clip_itself(clip_spec: EncoderSpec, picture_files: list[str]) -> None:
    import open_clip

    model, prepare = open_clip.create_model_from_pretrained(f"local-dir:{clip_spec.model}")
    with torch.inference_mode():
        batch = torch.stack([prepare(Image.open(path)) for path in picture_files])
        expected = model.eval().encode_image(batch, normalize=True).numpy()
    np.testing.assert_allclose(make_encoder(clip_spec).encode(picture_files), expected, atol=1e-5)


def test_texts_agree_with_open_clip_itself(clip_spec: EncoderSpec) -> None:
    import open_clip

    model, _ = open_clip.create_model_from_pretrained(f"local-dir:{clip_spec.model}")
    tokens = open_clip.get_tokenizer(f"local-dir:{clip_spec.model}")(TEXTS)
    with torch.inference_mode():
        expected = model.eval().encode_text(tokens, normalize=True).numpy()
    tower = text_tower(make_encoder(clip_spec))
    assert tower is not None
    assert (tower.strand, tower.dimension) == (Strand.TEXT, clip_spec.dimension)
    np.testing.assert_allclose(tower.encode(TEXTS), expected, atol=1e-5)


def test_weights_in_a_file_for_a_known_architecture(
    clip_spec: EncoderSpec, picture_files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import open_clip
    from open_clip import factory

    folder = Path(clip_spec.model)
    settings = json.loads((folder / "open_clip_config.json").read_text())["model_cfg"]
    monkeypatch.setitem(factory._MODEL_CONFIGS, "tiny-clip", settings)
    assert open_clip.get_model_config("tiny-clip")["embed_dim"] == 24
    weights = str(folder / "open_clip_model.safetensors")
    spec = own_spec(Strand.IMAGE, EncoderChoice("tiny-clip", library="open_clip", weights=weights, dimension=24))
    assert spec.local
    np.testing.assert_allclose(
        make_encoder(spec).encode(picture_files), make_encoder(clip_spec).encode(picture_files), atol=1e-5
    )


def test_names_of_open_clip_are_looked_up() -> None:
    assert clip_repository("ViT-B-32/laion2b_s34b_b79k") == "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
    assert clip_repository("laion/CLIP-ViT-B-32-laion2B-s34B-b79K") == "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
    choice = EncoderChoice("ViT-B-16/laion2b_s34b_b88k", library="open_clip")
    with pytest.raises(ValueError, match=r"CLIP-ViT-B-16-laion2B-s34B-b88K is not on this machine; --allow-download"):
        own_spec(Strand.IMAGE, choice)


def test_a_text_tower_from_elsewhere_is_refused(
    clip_spec: EncoderSpec, picture_files: list[str], tmp_path: Path
) -> None:
    shutil.copytree(clip_spec.model, tmp_path / "clip")
    config = json.loads((tmp_path / "clip" / "open_clip_config.json").read_text())
    config["model_cfg"]["text_cfg"] = {"hf_model_name": "roberta-base"}
    (tmp_path / "clip" / "open_clip_config.json").write_text(json.dumps(config))
    spec = own_spec(Strand.IMAGE, EncoderChoice(str(tmp_path / "clip")))
    with pytest.raises(ValueError, match="takes its text tower from elsewhere"):
        make_encoder(spec).encode(picture_files)


def test_weights_that_do_not_fit_are_one_line(clip_spec: EncoderSpec, picture_files: list[str], tmp_path: Path) -> None:
    shutil.copytree(clip_spec.model, tmp_path / "clip")
    (tmp_path / "clip" / "open_clip_model.safetensors").unlink()
    torch.save({"visual.conv1.weight": torch.zeros(1)}, tmp_path / "clip" / "open_clip_pytorch_model.bin")
    spec = own_spec(Strand.IMAGE, EncoderChoice(str(tmp_path / "clip")))
    with pytest.raises(ValueError, match="open_clip model .* cannot be loaded") as caught:
        make_encoder(spec).encode(picture_files)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["clip", "clap"])
def test_a_wrong_dimension_is_told(
    kind: str, clip_spec: EncoderSpec, clap_spec: EncoderSpec, picture_files: list[str], sound_files: list[str]
) -> None:
    spec, files = {"clip": (clip_spec, picture_files), "clap": (clap_spec, sound_files)}[kind]
    for wrong, contents in ((replace(spec, dimension=7), files), (tower_spec(replace(spec, dimension=7)), TEXTS)):
        with pytest.raises(ValueError, match="dimension is 7, but .* gives 24"):
            make_encoder(wrong).encode(contents)


def test_clap_agrees_with_transformers_itself(clap_spec: EncoderSpec, tmp_path: Path) -> None:
    from transformers import AutoTokenizer, ClapFeatureExtractor, ClapModel

    model = ClapModel.from_pretrained(clap_spec.model).eval()
    extractor = ClapFeatureExtractor.from_pretrained(clap_spec.model)
    samples = tone(440.0, 1.5, rate=8_000)
    soundfile.write(tmp_path / "tone.wav", samples, 8_000, subtype="FLOAT")
    read = extractor(samples, sampling_rate=8_000, return_tensors="pt")
    with torch.inference_mode():
        expected = model.get_audio_features(read["input_features"].float()).pooler_output.numpy()
    encoder = make_encoder(clap_spec)
    np.testing.assert_allclose(encoder.encode([str(tmp_path / "tone.wav")]), expected, atol=1e-5)
    tokens = AutoTokenizer.from_pretrained(clap_spec.model)(TEXTS, padding=True, return_tensors="pt")
    with torch.inference_mode():
        expected = model.get_text_features(tokens["input_ids"], tokens["attention_mask"]).pooler_output.numpy()
    tower = text_tower(encoder)
    assert tower is not None
    np.testing.assert_allclose(tower.encode(TEXTS), expected, atol=1e-5)


def test_a_long_sound_is_the_mean_of_its_windows(clap_spec: EncoderSpec, tmp_path: Path) -> None:
    first, second = tone(300.0, 2.0, rate=8_000), tone(900.0, 1.0, rate=8_000)
    for name, samples in (("whole", np.concatenate([first, second])), ("first", first), ("second", second)):
        soundfile.write(tmp_path / f"{name}.wav", samples, 8_000, subtype="FLOAT")
    whole, one, other = make_encoder(clap_spec).encode(
        [str(tmp_path / f"{n}.wav") for n in ("whole", "first", "second")]
    )
    expected = 2.0 * one + other
    np.testing.assert_allclose(whole, expected / np.linalg.norm(expected), atol=1e-5)


def test_a_pickle_that_would_run_code_is_refused(
    clap_spec: EncoderSpec, sound_files: list[str], tmp_path: Path
) -> None:
    shutil.copytree(clap_spec.model, tmp_path / "clap")
    ran = tmp_path / "ran"
    torch.save({"weights": _Hostile(str(ran))}, tmp_path / "clap" / "pytorch_model.bin")
    spec = own_spec(Strand.AUDIO, EncoderChoice(str(tmp_path / "clap")))
    with pytest.raises(ValueError, match="cannot be loaded") as caught:
        make_encoder(spec).encode(sound_files)
    assert "\n" not in str(caught.value)
    assert not ran.exists()


class _Hostile:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (self.path,)
