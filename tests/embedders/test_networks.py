"""Networks of timm and torchvision: features as their libraries give them, and what does not fit is told."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

from embedders.bundles import EncoderSpec, make_encoder
from embedders.items import Strand
from embedders.networks import find_torchvision, network_dimension, torchvision_hash
from embedders.own_encoder import EncoderChoice, own_spec
from tests.embedders.tiny_models import tiny_timm, tiny_torchvision


def squares(files: list[str], side: int, mean: object, deviation: object) -> torch.Tensor:
    pictures = [Image.open(file).convert("RGB").resize((side, side), Image.Resampling.BICUBIC) for file in files]
    rows = np.stack([np.asarray(one, np.float32) / 255.0 for one in pictures])
    return torch.from_numpy(
        ((rows - np.asarray(mean)) / np.asarray(deviation)).astype(np.float32).transpose(0, 3, 1, 2)
    )


def unit(rows: torch.Tensor) -> np.ndarray:
    return torch.nn.functional.normalize(rows.flatten(1), dim=1).numpy()


def test_a_folder_of_timm_agrees_with_timm(other_specs: dict[str, EncoderSpec], picture_files: list[str]) -> None:
    import timm

    spec = other_specs["timm"]
    model: Any = timm.create_model(f"local-dir:{spec.model}", pretrained=True).eval()
    settings = model.pretrained_cfg
    batch = squares(picture_files, settings["input_size"][1], settings["mean"], settings["std"])
    with torch.inference_mode():
        expected = model.forward_head(model.forward_features(batch), pre_logits=True)
    np.testing.assert_allclose(make_encoder(spec).encode(picture_files), unit(expected), atol=1e-5)


def test_a_file_of_torchvision_agrees_with_torchvision(tmp_path: Path, picture_files: list[str]) -> None:
    from torchvision.models import get_model

    file = tiny_torchvision(tmp_path / "own.pth")
    model = get_model("shufflenet_v2_x0_5", num_classes=7).eval()
    model.load_state_dict(torch.load(file, weights_only=True))
    model.fc = torch.nn.Identity()
    batch = squares(picture_files, 224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    with torch.inference_mode():
        expected = model(batch)
    choice = EncoderChoice("shufflenet_v2_x0_5", library="torchvision", weights=str(file), dimension=1024)
    np.testing.assert_allclose(
        make_encoder(own_spec(Strand.IMAGE, choice)).encode(picture_files), unit(expected), atol=1e-5
    )


def test_a_file_of_timm_for_its_architecture(
    tmp_path: Path, other_specs: dict[str, EncoderSpec], picture_files: list[str]
) -> None:
    folder = tiny_timm(tmp_path / "timm")
    weights = str(folder / "model.safetensors")
    choice = EncoderChoice("test_resnet", library="timm", weights=weights, dimension=other_specs["timm"].dimension)
    np.testing.assert_allclose(
        make_encoder(own_spec(Strand.IMAGE, choice)).encode(picture_files),
        make_encoder(other_specs["timm"]).encode(picture_files),
        atol=1e-5,
    )


@pytest.mark.parametrize(
    ("library", "name", "dimension"),
    [
        ("torchvision", "resnet18", 512), ("torchvision", "vgg11", 4096), ("torchvision", "mobilenet_v3_small", 1024),
        ("torchvision", "vit_b_16/IMAGENET1K_V1", 768), ("timm", "resnet18", 512),
        ("timm", "mobilenetv3_small_050", 1024),
    ],
)  # fmt: skip
def test_dimensions_of_architectures(library: str, name: str, dimension: int) -> None:
    assert network_dimension(library, name) == dimension


@pytest.mark.parametrize(
    ("library", "name"), [("torchvision", "squeezenet1_1"), ("torchvision", "none"), ("timm", "none")]
)
def test_architectures_that_give_no_features(library: str, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be loaded") as caught:
        network_dimension(library, name)
    assert "\n" not in str(caught.value)


def test_weights_of_another_network_are_one_line(tmp_path: Path, picture_files: list[str]) -> None:
    file = tiny_torchvision(tmp_path / "own.pth")
    for choice in (EncoderChoice("resnet18", library="torchvision"), EncoderChoice("test_resnet", library="timm")):
        choice = replace(choice, weights=str(file), dimension=512)
        with pytest.raises(ValueError, match="weights do not fit: .* is missing or has another shape") as caught:
            make_encoder(own_spec(Strand.IMAGE, choice)).encode(picture_files)
        assert "\n" not in str(caught.value)


def test_names_of_torchvision_are_fetched_only_with_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    fetched: list[str] = []

    def fetch(url: str, *, check_hash: bool, weights_only: bool, map_location: str) -> None:
        assert (check_hash, weights_only, map_location) == (True, True, "cpu")
        fetched.append(url)
        file = tmp_path / "hub" / "checkpoints" / url.rsplit("/", 1)[-1]
        file.parent.mkdir(parents=True)
        tiny_torchvision(file)

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", fetch)
    name, what = "shufflenet_v2_x0_5/IMAGENET1K_V1", "image model shufflenet_v2_x0_5/IMAGENET1K_V1"
    with pytest.raises(ValueError, match="is not on this machine; --allow-download fetches it"):
        find_torchvision(name, allow_download=False, what=what)
    assert not fetched
    for _ in range(2):
        assert Path(find_torchvision(name, allow_download=True, what=what)).is_file()
    assert len(fetched) == 1
    with pytest.raises(ValueError, match="torchvision knows no weights shufflenet_v2_x0_5/BEST; expected such as"):
        find_torchvision("shufflenet_v2_x0_5/BEST", allow_download=True, what=what)
    spec = own_spec(Strand.IMAGE, EncoderChoice(name, library="torchvision", dimension=1024))
    assert make_encoder(spec).encode([]).shape == (0, 1024)
    assert spec.fingerprint == f"image:torchvision:{name}@f707e7126e:1", "the hash that the weights are checked by"


def test_weights_of_torchvision_are_told_apart_by_their_hash() -> None:
    from torchvision.models import get_model_weights, list_models

    names = [f"{name}/{tag.name}" for name in list_models(module=torchvision.models) for tag in get_model_weights(name)]
    hashes = [torchvision_hash(name) for name in names]
    assert all(re.fullmatch("[0-9a-f]{8,}", one) for one in hashes), "torchvision names each file by its hash"
    assert torchvision_hash("resnet50/IMAGENET1K_V1") != torchvision_hash("resnet50/IMAGENET1K_V2")
    assert len(hashes) > 50
