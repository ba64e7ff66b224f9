"""What a folder with a text model says of itself, without being loaded."""

import json
import shutil
from pathlib import Path

import pytest

from embedders.bundles import MINILM, make_encoder
from embedders.local_text import local_text_spec
from tests.embedders.tiny_models import tiny_bert


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("local"))


def test_the_bundled_model_as_a_folder() -> None:
    spec = local_text_spec(MINILM.weights(), licence="Apache-2.0")
    assert (spec.dimension, spec.size, spec.licence) == (MINILM.dimension, MINILM.size, MINILM.licence)


@pytest.mark.parametrize(
    ("pooling", "dense", "dimension"), [("mean", None, 16), (("mean", "max"), None, 32), ("cls", 6, 6)]
)
def test_the_dimension_is_the_models(tmp_path: Path, pooling: str, dense: int | None, dimension: int) -> None:
    folder = tiny_bert(tmp_path, pooling=pooling, dense=dense)
    spec = local_text_spec(str(folder))
    assert spec.dimension == dimension
    assert make_encoder(spec).encode(["red scarf"]).shape == (1, dimension)


def test_older_releases_words_for_pooling(tmp_path: Path, model: Path) -> None:
    shutil.copytree(model, tmp_path / "old")
    ways = {"word_embedding_dimension": 16, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False}  # fmt: skip
    (tmp_path / "old" / "1_Pooling" / "config.json").write_text(json.dumps(ways))
    spec = local_text_spec(str(tmp_path / "old"))
    assert spec.dimension == 32
    assert make_encoder(spec).encode(["tea"]).shape == (1, 32)


def test_the_fingerprint_is_of_the_content(tmp_path: Path, model: Path) -> None:
    shutil.copytree(model, tmp_path / model.name)
    (tmp_path / model.name / "README.md").write_text("said otherwise")
    spec, moved = local_text_spec(str(model)), local_text_spec(str(tmp_path / model.name))
    assert moved.fingerprint == spec.fingerprint
    for name in ("model.safetensors", "tokenizer.json", "1_Pooling/config.json"):
        path = tmp_path / model.name / name
        before = path.read_bytes()
        path.write_bytes(before + b" ")
        assert local_text_spec(str(path.parents[name.count("/")])).fingerprint != spec.fingerprint
        path.write_bytes(before)
    assert local_text_spec(str(tmp_path / model.name)).fingerprint == spec.fingerprint


def test_folders_that_are_no_models(tmp_path: Path, model: Path) -> None:
    with pytest.raises(ValueError, match="is no folder with config.json and weights"):
        local_text_spec(str(tmp_path))
    with pytest.raises(ValueError, match="is no folder with config.json and weights"):
        local_text_spec(str(tmp_path / "absent"))
    shutil.copytree(model.parent / "bare", tmp_path / "mute")
    (tmp_path / "mute" / "config.json").write_text("{}")
    with pytest.raises(ValueError, match="does not say its dimension"):
        local_text_spec(str(tmp_path / "mute"))
