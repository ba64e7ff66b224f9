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
        ("[media]\nmax_bytes = 0", "key media.max_bytes is 0; expected a number above 0"),
        ("[media]\nmax_bytes = 'many'", "key media.max_bytes is 'many'; expected a whole number"),
        ("[media]\nmax_seconds = inf", "key media.max_seconds is inf"),
        ("[events.weights]\nlisten = nan", "key events.weights.listen is nan; expected a finite number"),
        ("[events.weights]\nlisten = 'much'", "key events.weights.listen is 'much'; expected a number"),
        ("[events.weights]\n'' = 1", "key events.weights has a key ''; expected a text that is not empty"),
        ("[rules]\nbought_once = 'yes'", "key rules.bought_once is 'yes'; expected true or false"),
        ("[rules]\nbought_once = 1", "key rules.bought_once is 1; expected true or false"),
        ("[media]\nmax_bytes = '3'", "key media.max_bytes is '3'; expected a whole number"),
        ("[media]\nmax_bytes = 3.0", "key media.max_bytes is 3.0; expected a whole number"),
        ("[media]\nmax_seconds = true", "key media.max_seconds is true; expected a number"),
        ("[events]\nrating_scale = '.5'", "key events.rating_scale is '.5'; expected a number"),
        ("[rules.max_per]\nmaker = true", "key rules.max_per.maker is true; expected a whole number"),
        ("[rules]\nexclude = 'a'", "key rules.exclude is 'a'; expected a list"),
        ("[rules]\nexclude = [7]", "key rules.exclude.0 is 7; expected a text"),
        ("[rules]\nexclude = [' a']", "key rules.exclude.0 is ' a'; expected a text without blanks around it"),
        ("[rules]\nboosts = [{ where = 'a', by = 11 }]", "key rules.boosts.0.by is 11; expected a number up to 10"),
        ("[rules]\npins = [{ place = 1 }]", "key rules.pins.0: a pin needs `item` or `where`"),
        (
            "[rules]\npins = [{ place = 1, item = 'a', from = 'soon' }]",
            "key rules.pins.0.from is 'soon'; expected a date or time, ISO 8601",
        ),
        (
            "[rules]\npins = [{ place = 1, item = 'a', from = true }]",
            "key rules.pins.0.from is true; expected a date or time",
        ),
        ("[rules]\nfresh = { items = 11 }", "key rules.fresh: 11 fresh items do not fit into the first 10 places"),
        ("scenario = 'zoo'", "key scenario is 'zoo'; expected one of '', 'shop', 'video', 'music', 'social'"),
        ("[recommend]\nhistory = 0", "key recommend.history is 0"),
        ("events = 3", "key events is 3; expected a table"),
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
    assert "Input" not in str(caught.value)


def test_lists_and_whole_numbers_are_what_toml_has(tmp_path: Path) -> None:
    config = config_of(tmp_path, "[rules]\nexclude = ['a']\npins = [{ place = 1, item = 'b', until = 2026-01-01 }]\n"
                                 "[media]\nmax_seconds = 3\n")  # fmt: skip
    assert config.rules.exclude == ("a",)
    assert config.rules.pins[0].until == 1_767_225_600.0
    assert config.media.max_seconds == 3.0


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
        ("image = { library = 'timm' }", "key encoders.image.model is missing"),
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
