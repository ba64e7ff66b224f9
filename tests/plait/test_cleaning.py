"""Cleaning: machines are flagged and people are not; doubles are found."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from plait import cleaning
from plait.cleaning import near_duplicates, tireless_users

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"


def flagged(*histories: NDArray[np.floating]) -> dict[str, str]:
    users = np.concatenate([np.full(len(times), row, dtype=np.int64) for row, times in enumerate(histories)])
    order = np.random.default_rng(0).permutation(len(users))
    times = np.concatenate(histories)
    return dict(tireless_users(users[order], times[order], [f"u{row}" for row in range(len(histories))]))


def test_rates_no_person_reaches() -> None:
    day, start = 86_400.0, 1_700_000_000.0
    reader = start + np.arange(400) * day / 20
    importer = start + np.arange(1_900) * 0.5
    crawler = start + np.arange(2_001) * 40.0
    patient_crawler = start + np.arange(2_001) * 44.0
    sprinter = start + np.concatenate([np.arange(700) * 2.0 + hour * day for hour in range(2)])
    bot = start + np.concatenate([np.arange(700) * 2.0 + hour * 3_600.0 for hour in range(3)])
    found = flagged(reader, importer, crawler, patient_crawler, sprinter, bot)
    assert set(found) == {"u2", "u5"}
    assert "within a day" in found["u2"]


def test_sustained_hours_give_their_own_reason() -> None:
    start = 3_600.0 * 450_000
    hours = [start + 3_600.0 * 30 * hour + np.arange(601) * 5.0 for hour in range(3)]
    assert "in each of 3 hours" in flagged(np.concatenate(hours))["u0"]
    assert flagged(np.concatenate([hour[:600] for hour in hours])) == {}
    assert flagged(np.concatenate(hours[:2])) == {}


def test_nobody_and_nothing() -> None:
    assert tireless_users(np.empty(0, dtype=np.int64), np.empty(0), []) == {}
    assert flagged(np.zeros(1)) == {}


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 400)), max_size=60))
def test_the_daily_rule_beside_a_slow_count(events: list[tuple[int, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cleaning, "EVENTS_A_DAY", 5)
        patch.setattr(cleaning, "DAY", 100.0)
        users = np.asarray([user for user, _ in events], dtype=np.int64)
        times = np.asarray([time for _, time in events], dtype=np.float64)
        slow = {
            f"u{user}"
            for user, time in events
            if sum(other == user and time <= moment < time + 100 for other, moment in events) > 5
        }
        assert set(tireless_users(users, times, ["u0", "u1", "u2"])) == slow


def test_nobody_is_flagged_who_entered_their_ratings_in_bulk() -> None:
    log = DATA / "movies" / "interactions.csv"
    if not log.is_file():
        pytest.skip("shared/data/movies is absent")
    with log.open(encoding="utf-8") as stream:
        rows = [(int(row["user_id"]), float(row["timestamp"])) for row in csv.DictReader(stream)]
    users = np.asarray([user for user, _ in rows])
    assert tireless_users(users, np.asarray([time for _, time in rows]), [str(user) for user in range(2_000)]) == {}


def test_near_duplicates_by_hand() -> None:
    vectors = np.asarray([[1, 0], [2, 0.001], [0, 1], [0, 0], [0, 0], [-1, 0]], dtype=np.float32)
    everyone = np.tile(np.asarray([0, 1, 2, 3, 4, 5, -1]), (6, 1))
    assert near_duplicates(vectors, everyone) == [(0, 1)]
    assert near_duplicates(vectors, np.full((6, 1), -1)) == []
    assert near_duplicates(vectors[:0], np.empty((0, 3), dtype=np.int64)) == []


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.floats(-0.5, 0.99))
def test_near_duplicates_beside_a_loop(seed: int, count: int, threshold: float) -> None:
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(count, 3)).astype(np.float32)
    neighbours = random.integers(-1, count, size=(count, 4))
    slow = set()
    for row in range(count):
        for other in neighbours[row].tolist():
            if other in (-1, row):
                continue
            a, b = vectors[row].astype(float), vectors[other].astype(float)
            cosine = a @ b / np.sqrt((a @ a) * (b @ b))
            if abs(cosine - threshold) < 1e-5:
                return
            if cosine > threshold:
                slow.add((min(row, other), max(row, other)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cleaning, "BLOCK_ROWS", 5)
        assert near_duplicates(vectors, neighbours, threshold=threshold) == sorted(slow)
