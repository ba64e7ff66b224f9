"""Settings that cannot be are refused; all others are plain JSON."""

import json
from dataclasses import asdict
from typing import Any

import pytest

from ranker.sequence_settings import WIDE, WIDE_FROM, SequenceSettings, usual_settings
from tests.ranker.logs import random_log


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"encoder": "lstm"}, "encoder is 'lstm'; expected one of transformer, gru, cnn"),
        ({"embeddings": "all"}, "embeddings is 'all'; expected one of ids, content, both"),
        ({"width": 0}, "width is 0; expected at least 1"),
        ({"length": 1}, "length is 1; expected at least 2"),
        ({"layers": -1}, "layers is -1; expected at least 0"),
        ({"width": 9, "heads": 2}, "width 9 is no multiple of heads 2"),
        ({"dropout": 1.0}, "dropout is 1.0; expected a share from 0, below 1"),
        ({"rate": 0.0}, "rate must be above 0"),
        ({"adversarial": -0.1}, "goes_on at least 0"),
    ],
)
def test_impossible_settings_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SequenceSettings(**wrong)


def test_settings_are_json() -> None:
    settings = SequenceSettings(encoder="gru", dropout=0.25)
    assert SequenceSettings(**json.loads(json.dumps(asdict(settings)))) == settings


def test_each_encoder_has_a_depth_of_its_own() -> None:
    depths = {encoder: SequenceSettings(encoder=encoder).depth for encoder in ("transformer", "gru", "cnn")}
    assert depths == {"transformer": 2, "gru": 1, "cnn": 4}
    assert SequenceSettings(encoder="cnn", layers=3).depth == 3


def test_how_long_it_learns_from_everything() -> None:
    assert SequenceSettings().further(13) == 13
    assert [SequenceSettings(goes_on=0.25).further(epochs) for epochs in (1, 4, 5, 13)] == [1, 1, 2, 4]


def test_a_large_log_has_wider_settings() -> None:
    """Of a log of weights between -1 and 1 half are likings."""
    small, large = random_log(9, 9, WIDE_FROM), random_log(9, 9, 2 * WIDE_FROM + 10_000)
    assert usual_settings(small) == SequenceSettings()
    assert usual_settings(large) == WIDE
    assert WIDE.width == 2 * SequenceSettings().width
