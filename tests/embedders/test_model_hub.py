"""What of the hub's cache counts as a model that is there."""

import json
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

from embedders.model_hub import fetch_folder, find_folder
from tests.embedders.tiny_models import in_hub_cache

INDEX = "model.safetensors.index.json"
SHARDS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")


@pytest.fixture
def snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a snapshot of nobody/large that holds settings and an index, and none of its two shards."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "config.json").write_text("{}")
    weight_map = {"a.weight": SHARDS[0], "a.bias": SHARDS[0], "b.weight": SHARDS[1]}
    (tmp_path / "made" / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    return in_hub_cache(tmp_path, "nobody/large", "c0ffee", tmp_path / "made")


@pytest.mark.parametrize("file", ["", INDEX])
def test_a_model_is_there_with_all_its_shards(snapshot: Path, file: str) -> None:
    for shard in SHARDS:
        assert find_folder("nobody/large", file=file) == ""
        (snapshot / shard).touch()
    assert find_folder("nobody/large", file=file) == str(snapshot)
    (snapshot / SHARDS[0]).unlink()
    assert find_folder("nobody/large", file=file) == ""


@pytest.mark.parametrize("torn", ["", "{", "[]", "{}", '{"weight_map": {}}', '{"weight_map": ["a"]}'])
def test_an_index_that_names_no_shards_is_no_model(snapshot: Path, torn: str) -> None:
    for shard in SHARDS:
        (snapshot / shard).touch()
    (snapshot / INDEX).write_text(torn)
    assert find_folder("nobody/large") == ""


def test_a_download_that_broke_off_goes_on(snapshot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(*_: object, **__: object) -> None:
        for shard in SHARDS:
            (snapshot / shard).touch()

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetch)
    assert fetch_folder("nobody/large") == str(snapshot)


def test_shards_of_an_older_kind_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    made = tmp_path / "made"
    made.mkdir()
    shards = {"a": "pytorch_model-00001-of-00002.bin", "b": "pytorch_model-00002-of-00002.bin"}
    (made / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": shards}))
    snapshot = in_hub_cache(tmp_path, "nobody/old", "c0ffee", made)
    assert find_folder("nobody/old") == ""
    for shard in shards.values():
        (snapshot / shard).touch()
    assert find_folder("nobody/old") == str(snapshot)
