"""Paths in plait.toml: beneath the workspace, never the current directory."""

import shutil
from pathlib import Path

import pytest
from huggingface_hub import constants

from embedders.encoder import Encoder
from embedders.items import Strand
from embedders.media_limits import DEFAULT_LIMITS
from plait.assembly import encoder_of
from plait.config import Encoders, OwnModel
from plait.errors import BadData
from tests.embedders.tiny_models import tiny_bert, tiny_torchvision


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty workspace folder; the current directory is another one beside it."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    for name in ("shop", "elsewhere"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "shop"


def encoder(workspace: Path, strand: Strand, own: OwnModel) -> Encoder:
    chosen = Encoders.model_validate({strand.value: own})
    return encoder_of(chosen, strand, folder=workspace, device="cpu", allow_download=False, limits=DEFAULT_LIMITS)


@pytest.mark.parametrize("written", ["{name}", "./{name}", "../shop/{name}"])
def test_a_folder_is_found_beneath_the_workspace(workspace: Path, written: str) -> None:
    model = tiny_bert(workspace)
    own = OwnModel(model=written.format(name=model.name))
    whole = encoder(workspace, Strand.TEXT, OwnModel(model=str(model)))
    assert encoder(workspace, Strand.TEXT, own).fingerprint == whole.fingerprint
    assert encoder(Path("../shop"), Strand.TEXT, own).fingerprint == whole.fingerprint


def test_a_folder_of_the_current_directory_is_none(workspace: Path) -> None:
    shutil.copytree(tiny_bert(workspace), "our-bert")
    with pytest.raises(BadData, match=r"encoders\.text: text model our-bert is not on this machine"):
        encoder(workspace, Strand.TEXT, OwnModel(model="our-bert"))
    with pytest.raises(BadData, match=r"shop/our-bert is no folder with config\.json"):
        encoder(workspace, Strand.TEXT, OwnModel(model="./our-bert"))


def test_a_file_of_weights_is_beneath_the_workspace(workspace: Path) -> None:
    own = OwnModel(model="shufflenet_v2_x0_5", library="torchvision", weights="own.pth", dimension=1024)
    tiny_torchvision(Path("own.pth"))
    with pytest.raises(BadData, match=r"shop/own\.pth are no file"):
        encoder(workspace, Strand.IMAGE, own)
    shutil.move("own.pth", workspace)
    assert encoder(workspace, Strand.IMAGE, own).dimension == 1024
