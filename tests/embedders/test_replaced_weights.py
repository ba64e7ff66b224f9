"""Weights that are replaced while a process runs: a new fingerprint comes with new vectors."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from embedders.bundles import make_encoder
from embedders.clip import load_open_clip
from embedders.encoder import text_tower
from embedders.encoder_spec import EncoderSpec
from embedders.items import Strand
from embedders.own_encoder import EncoderChoice, own_spec
from embedders.weights_file import read_weights
from tests.embedders.tiny_models import (
    tiny_clap,
    tiny_clip,
    tiny_hf_clip,
    tiny_timm,
    tiny_torchvision,
    tiny_vit,
    tiny_wav2vec,
)


def retrain(file: Path) -> None:
    """Write other weights of the same shapes in place of those in `file`, which may still be mapped into memory."""
    read = load_file(file) if file.suffix == ".safetensors" else read_weights(str(file))
    other = {
        name: tensor.flatten().roll(1).view_as(tensor).contiguous() if tensor.is_floating_point() else tensor
        for name, tensor in read.items()
    }
    new = file.with_name("new")
    if file.suffix == ".safetensors":
        save_file(other, new, metadata={"format": "pt"})
    else:
        torch.save(other, new)
    new.replace(file)


def whole_folder(model: str) -> EncoderChoice:
    return EncoderChoice(model)


def torchvision_file(model: str) -> EncoderChoice:
    return EncoderChoice("shufflenet_v2_x0_5", library="torchvision", weights=model, dimension=1024)


@pytest.mark.parametrize(
    ("strand", "make", "choose"),
    [
        (Strand.IMAGE, tiny_clip, whole_folder), (Strand.IMAGE, tiny_timm, whole_folder),
        (Strand.IMAGE, tiny_vit, whole_folder), (Strand.IMAGE, tiny_hf_clip, whole_folder),
        (Strand.AUDIO, tiny_clap, whole_folder), (Strand.AUDIO, tiny_wav2vec, whole_folder),
        (Strand.IMAGE, tiny_torchvision, torchvision_file),
    ],
)  # fmt: skip
def test_a_new_fingerprint_has_new_vectors(
    tmp_path: Path, strand: Strand, make: Callable[[Path], Path], choose: Callable[[str], EncoderChoice],
    picture_files: list[str], sound_files: list[str],
) -> None:  # fmt: skip
    model = make(tmp_path / "model.pth")
    contents = (picture_files if strand is Strand.IMAGE else sound_files)[:2]
    spec = own_spec(strand, choose(str(model)))
    before = make_encoder(spec).encode(contents)
    retrain(model if model.is_file() else next(model.glob("*.safetensors")))
    replaced = own_spec(strand, choose(str(model)))
    assert replaced.fingerprint != spec.fingerprint
    assert np.abs(make_encoder(replaced).encode(contents) - before).max() > 1e-4


def test_the_towers_of_a_model_are_loaded_once(clip_spec: EncoderSpec, picture_files: list[str]) -> None:
    # Another fingerprint than other tests', so that neither tower is loaded yet.
    encoder = make_encoder(replace(clip_spec, fingerprint=f"{clip_spec.fingerprint}:towers"))
    tower = text_tower(encoder)
    assert tower is not None
    before = load_open_clip.cache_info().misses
    encoder.encode(picture_files[:1])
    tower.encode(["tea"])
    assert load_open_clip.cache_info().misses == before + 1
