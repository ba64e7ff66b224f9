"""The CLIP picture encoder, on a model of a few thousand weights."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from embedders.bundles import EncoderSpec, make_encoder
from embedders.clip import ClipEncoder


def folder_of(spec: EncoderSpec) -> Path:
    return Path(spec.model.removeprefix("local-dir:"))


def test_agrees_with_open_clip_itself(clip_spec: EncoderSpec, picture_files: list[str]) -> None:
    import open_clip

    model, prepare = open_clip.create_model_from_pretrained(clip_spec.model)
    with torch.inference_mode():
        batch = torch.stack([prepare(Image.open(path)) for path in picture_files])
        expected = model.eval().encode_image(batch, normalize=True).numpy()
    np.testing.assert_allclose(make_encoder(clip_spec).encode(picture_files), expected, atol=1e-5)


def test_weights_in_a_file_for_a_known_architecture(
    clip_spec: EncoderSpec, picture_files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    import open_clip
    from open_clip import factory

    folder = folder_of(clip_spec)
    settings = json.loads((folder / "open_clip_config.json").read_text())["model_cfg"]
    monkeypatch.setitem(factory._MODEL_CONFIGS, "tiny-clip", settings)
    assert "tiny-clip" in open_clip.factory._MODEL_CONFIGS
    weights = str(folder / "open_clip_model.safetensors")
    spec = EncoderSpec(clip_spec.strand, "open-clip", "tiny-clip", 24, "image:tiny:2", "none", 1, file=weights)
    assert spec.local
    np.testing.assert_allclose(
        make_encoder(spec).encode(picture_files), make_encoder(clip_spec).encode(picture_files), atol=1e-5
    )


def test_nothing_is_fetched_unasked(picture_files: list[str]) -> None:
    encoder = ClipEncoder("ViT-B-32", "laion2b_s34b_b79k", dimension=512, fingerprint="x")
    with pytest.raises(ValueError, match="laion2b_s34b_b79k are not on this machine; --allow-download fetches them"):
        encoder.encode(picture_files)


def test_a_wrong_dimension_is_told(clip_spec: EncoderSpec, picture_files: list[str]) -> None:
    with pytest.raises(ValueError, match="dimension is 7, but local-dir:.* gives 24"):
        ClipEncoder(clip_spec.model, "", dimension=7, fingerprint="x").encode(picture_files)
