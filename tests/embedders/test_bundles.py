"""Bundles: what is said of the weights is true of the weights."""

import dataclasses
import hashlib
import re
from pathlib import Path

import pytest
from huggingface_hub import constants

from embedders.bundles import (
    BUNDLES,
    CLAP_SOUNDS,
    CLIP_PICTURES,
    LITE0_PICTURES,
    MINILM,
    QWEN,
    Bundle,
    EncoderSpec,
    make_encoder,
)
from embedders.cnn import ImageCnnEncoder
from embedders.device import resolve
from embedders.items import Strand
from embedders.media import MediaLimits
from embedders.spectrogram import SpectrogramEncoder
from embedders.text import TextEncoder

SPECS = list(BUNDLES["compact"].encoders.values())


def weights_file(spec: EncoderSpec) -> Path:
    path = Path(spec.weights())
    return path / "model.safetensors" if path.is_dir() else path


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.fingerprint)
def test_size_and_hash_are_the_files(spec: EncoderSpec) -> None:
    assert spec.local
    content = weights_file(spec).read_bytes()
    assert len(content) == spec.size
    hashed = re.search(r":([0-9a-f]{16}):\d+$", spec.fingerprint)
    assert hashed is not None
    assert hashlib.sha256(content).hexdigest().startswith(hashed[1])


def test_the_bundled_text_model_is_upstreams() -> None:
    digest = hashlib.sha256(weights_file(MINILM).read_bytes()).hexdigest()
    assert digest == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_is_complete(name: str) -> None:
    bundle = BUNDLES[name]
    assert bundle.name == name
    assert list(bundle.encoders) == list(Strand)
    assert all(spec.strand is strand and spec.licence for strand, spec in bundle.encoders.items())
    assert len({spec.fingerprint for spec in bundle.encoders.values()}) == len(Strand)


def test_the_manual_tells_the_dimensions() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "bundles.md").read_text(encoding="utf-8")
    row = next(line for line in manual.splitlines() if line.startswith("| `compact`"))
    for cell, spec in zip(row.split(" | ")[1:4], SPECS, strict=True):
        assert f", {spec.dimension}" in cell


def test_compact_needs_nothing_fetched() -> None:
    assert BUNDLES["compact"].local


def test_a_bundle_is_local_when_all_of_it_is() -> None:
    absent = dataclasses.replace(MINILM, package="no_such_package_anywhere")
    assert not absent.local
    assert absent.weights() == ""
    assert not Bundle("mixed", {**BUNDLES["compact"].encoders, Strand.TEXT: absent}).local
    assert not dataclasses.replace(LITE0_PICTURES, file="models/other.pth").local


def test_own_files_and_folders(tmp_path: Path) -> None:
    file = tmp_path / "own.pth"
    own = dataclasses.replace(LITE0_PICTURES, package="", file=str(file))
    assert not own.local
    file.touch()
    assert own.weights() == str(file)
    assert not dataclasses.replace(LITE0_PICTURES, package="", file="").local
    folder = dataclasses.replace(MINILM, package="", file="", model=str(tmp_path))
    assert folder.weights() == str(tmp_path)


def test_no_weights_come_out_of_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.chdir(tmp_path)
    for spec in (QWEN, CLIP_PICTURES, CLAP_SOUNDS):
        Path(spec.file).touch()
        Path(spec.model).mkdir(parents=True)
        for one in (spec, dataclasses.replace(spec, bundle=""), dataclasses.replace(spec, bundle="", revision="")):
            assert one.weights() == ""
            assert not one.local
    assert dataclasses.replace(QWEN, file=str(tmp_path / QWEN.file)).weights() == ""


def test_each_kind_has_its_encoder() -> None:
    kinds = [type(make_encoder(BUNDLES["compact"].encoders[strand])) for strand in Strand]
    assert kinds == [TextEncoder, ImageCnnEncoder, SpectrogramEncoder]


def test_one_object_serves_the_process() -> None:
    assert make_encoder(MINILM) is make_encoder(MINILM)
    assert make_encoder(LITE0_PICTURES) is not make_encoder(LITE0_PICTURES, limits=MediaLimits(max_pixels=9))


def test_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert (resolve("auto"), resolve("cpu")) == ("cpu", "cpu")
    with pytest.raises(ValueError, match="device is 'cuda', but torch finds no CUDA device"):
        resolve("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert (resolve("auto"), resolve("cpu"), resolve("cuda")) == ("cuda", "cpu", "cuda")
