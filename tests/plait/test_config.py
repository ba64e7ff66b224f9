"""plait.toml: the annotated file says what the defaults are; what is wrong is named in one line."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from plait.config import FILE, Config, Encoders, OwnModel, read_config, write_default_config
from plait.errors import BadData


def config_of(folder: Path, text: str) -> Config:
    (folder / FILE).write_text(text, encoding="utf-8")
    return read_config(folder)


def test_without_a_file_all_is_default(tmp_path: Path) -> None:
    assert read_config(tmp_path) == Config()


def test_the_file_written_is_the_default(tmp_path: Path) -> None:
    write_default_config(tmp_path)
    assert read_config(tmp_path) == Config()


def test_the_bundle_is_written(tmp_path: Path) -> None:
    write_default_config(tmp_path, bundle='my "own" bundle')
    assert read_config(tmp_path).encoders.bundle == 'my "own" bundle'


def test_every_setting_stands_in_the_file_with_its_default(tmp_path: Path) -> None:
    write_default_config(tmp_path)
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    config = config_of(tmp_path, re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE))
    assert config == Config()
    assert "scenario" in config.model_fields_set
    for name, section in ((name, section) for name, section in config if name != "scenario"):
        assert section.model_fields_set == set(type(section).model_fields), f"[{name}] lacks a setting"


def test_own_settings(tmp_path: Path) -> None:
    config = config_of(
        tmp_path,
        '[events]\nrating_neutral = 5\nweights = { listen = 0.5, "long view" = 2 }\n[text]\ncolumns = ["actors"]\n',
    )
    assert config.events.weights == {"listen": 0.5, "long view": 2.0}
    assert config.events.rating_neutral == 5.0
    assert config.text.columns == ("actors",)
    assert config.media == Config().media


def test_it_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Config().events = Config().events


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[colours]\nred = 1",
            "key colours is not known; expected one of scenario, encoders, text, media, events, recommend, exploration",
        ),
        (
            "[media]\nmax_size = 1",
            "key media.max_size is not known; expected one of max_bytes, max_pixels, max_side, max_seconds",
        ),
        ("[media]\nmax_bytes = 0", "key media.max_bytes is 0: Input should be greater than 0"),
        ("[media]\nmax_bytes = 'many'", "key media.max_bytes is 'many': Input should be a valid integer"),
        ("[media]\nmax_seconds = inf", "key media.max_seconds is inf"),
        ("[events.weights]\nlisten = nan", "key events.weights.listen is nan: Input should be a finite number"),
        ("[events.weights]\nlisten = 'much'", "key events.weights.listen is 'much'"),
        ("[events.weights]\n'' = 1", "key events.weights"),
        ("[recommend]\nhistory = 0", "key recommend.history is 0"),
        ("events = 3", "key events is 3"),
        ("[events", "no TOML"),
        ("a = 1\na = 2", "no TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadData) as caught:
        config_of(tmp_path, text)
    assert message in str(caught.value)
    assert str(tmp_path / FILE) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_encoding(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes("# größe\n".encode("latin-1"))
    with pytest.raises(BadData, match="no TOML"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('text = "/models/mine"', {"text": OwnModel(model="/models/mine")}),
        ('text = ""', {}),
        ('image = "timm:resnet18.a1_in1k"', {"image": OwnModel(model="resnet18.a1_in1k", library="timm")}),
        ('audio = "C:/models/mine"', {"audio": OwnModel(model="C:/models/mine")}),
        (
            'text = { model = "a/b", library = "transformers", truncate_dim = 64, query_prompt = "Q: " }',
            {"text": OwnModel(model="a/b", library="transformers", truncate_dim=64, query_prompt="Q: ")},
        ),
        (
            '[encoders.image]\nmodel = "x"\nweights = "w.pth"\ndimension = 5',
            {"image": OwnModel(model="x", weights="w.pth", dimension=5)},
        ),
    ],
)
def test_own_models(tmp_path: Path, written: str, expected: dict[str, OwnModel]) -> None:
    config = config_of(tmp_path, f"[encoders]\n{written}" if not written.startswith("[") else written)
    assert config.encoders == Encoders().model_copy(update=expected)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("image = { modle = 'x' }", "key encoders.image.modle is not known; expected one of model, library, revision"),
        ("image = { library = 'timm' }", "key encoders.image.model"),
        ("image = { model = 'x', library = 'keras' }", "key encoders.image.library is 'keras'"),
        ("text = { model = 'x', dimension = -1 }", "key encoders.text.dimension is -1"),
        ("text = 'timm:'", "key encoders.text.model is ''"),
        ("text = 3", "key encoders.text is 3"),
        ("sound = 'x'", "key encoders.sound is not known; expected one of bundle, text, image, audio"),
    ],
)
def test_own_models_that_are_wrong_are_named(tmp_path: Path, written: str, message: str) -> None:
    with pytest.raises(BadData) as caught:
        config_of(tmp_path, f"[encoders]\n{written}")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
