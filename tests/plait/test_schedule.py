"""[schedule]: what is refused, which hours are meant, how much is enough."""

from pathlib import Path
from typing import get_args

import pytest

from plait.config import FILE, read_config
from plait.errors import BadData
from plait.schedule import Cause, Schedule, seconds_of_budget


@pytest.mark.parametrize(
    ("hours", "hour", "may"),
    [
        ((), 13, True),
        ((1, 5), 1, True), ((1, 5), 4, True), ((1, 5), 5, False), ((1, 5), 0, False),
        ((22, 5), 23, True), ((22, 5), 0, True), ((22, 5), 4, True), ((22, 5), 5, False), ((22, 5), 21, False),
        ((20, 24), 23, True), ((20, 24), 0, False), ((3, 3), 3, False),
    ],
)  # fmt: skip
def test_hours(hours: tuple[int, ...], hour: int, may: bool) -> None:
    assert Schedule(hours=hours).is_time(hour) == may


@pytest.mark.parametrize(
    ("events", "learnt", "enough"), [(999, 0, False), (1_000, 0, True), (1_999, 10_000, False), (2_000, 10_000, True)]
)
def test_enough_is_both_a_number_and_a_share(events: int, learnt: int, enough: bool) -> None:
    assert Schedule().enough(events, learnt) == enough


@pytest.mark.parametrize(
    ("retrain", "heeded"),
    [("drift", {"drift"}), ("volume", {"volume"}), ("both", {"drift", "volume"}), ("never", set())],
)
def test_what_is_heeded(retrain: str, heeded: set[str]) -> None:
    schedule = Schedule.model_validate({"retrain": retrain})
    assert {cause for cause in get_args(Cause) if schedule.heeds(cause)} == heeded


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90.0), ("10m", 600.0), ("1.5h", 5_400.0)])
def test_budgets(text: str, seconds: float) -> None:
    assert seconds_of_budget(text) == seconds


@pytest.mark.parametrize(
    "line",
    [
        "retrain = 'often'", "after_events = 0", "after_share = -1", "false_alarms = 0", "false_alarms = 1",
        "budget = '0m'", "budget = 'long'", "memory = 0", "hours = [1]", "hours = [1, 25]", "hours = [-1, 3]",
        "every = 3",
    ],
)  # fmt: skip
def test_what_is_refused_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / FILE).write_text(f"[schedule]\n{line}\n", encoding="utf-8")
    with pytest.raises(BadData, match=rf"key schedule\.{line.partition(' ')[0]}"):
        read_config(tmp_path)
