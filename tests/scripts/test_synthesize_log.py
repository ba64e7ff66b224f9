"""A drawn log has the size that was asked for, repeats by its seed, and holds what only the order tells."""

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.catalog import read_interactions
from plait.tables import open_table
from scripts import synthesize_log
from scripts.synthesize_log import LEAST, LED_TO, draw_lengths, draw_likings, draw_world

USERS, ITEMS, LIKINGS = 80, 60, 80 * 16


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    synthesize_log.main(folder, USERS, ITEMS, LIKINGS, 3)
    return folder


@settings(max_examples=30, deadline=None)
@given(users=st.integers(1, 60), share=st.floats(0.0, 1.0), most=st.integers(LEAST, 90), seed=st.integers(0, 9))
def test_lengths_have_the_sum_and_the_bounds(users: int, share: float, most: int, seed: int) -> None:
    likings = users * LEAST + int(share * users * (most - LEAST))
    lengths = draw_lengths(users, likings, most, np.random.default_rng(seed))
    assert (len(lengths), lengths.sum()) == (users, likings)
    assert lengths.min() >= LEAST
    assert lengths.max() <= most


def test_impossible_sizes_are_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="likings is 119; expected 120 to 300 of 10 users"):
        draw_lengths(10, 119, 30, rng)
    with pytest.raises(ValueError, match="items is 40; expected more than 40"):
        draw_world(40, rng)


def test_nobody_likes_an_item_twice_and_lengths_are_kept() -> None:
    rng = np.random.default_rng(1)
    world = draw_world(ITEMS, rng)
    lengths = draw_lengths(20, 400, ITEMS // 2, rng)
    liked = draw_likings(world, lengths, rng)
    assert [len(items) for items in liked] == lengths.tolist()
    assert all(len(set(items.tolist())) == len(items) for items in liked)


def test_what_an_item_leads_to_comes_next_far_more_often_than_by_chance() -> None:
    rng = np.random.default_rng(2)
    world = draw_world(400, rng)
    liked = draw_likings(world, np.full(60, 25), rng)
    follows = np.mean([np.isin(items[1:], world.leads[items[:-1]]).any() for items in liked])
    led = np.concatenate([[after in world.leads[before] for before, after in pairwise(one)] for one in liked])
    turned = np.concatenate([[before in world.leads[after] for before, after in pairwise(one)] for one in liked])
    assert follows > 0.9
    assert led.mean() > 5 * LED_TO / 400
    assert led.mean() > 2 * turned.mean()


def test_the_files_are_of_the_seed(drawn: Path, tmp_path: Path) -> None:
    for name, seed in (("same", 3), ("other", 4)):
        synthesize_log.main(tmp_path / name, USERS, ITEMS, LIKINGS, seed)
    for file in ("items.csv", "users.csv", "interactions.csv"):
        assert (tmp_path / "same" / file).read_bytes() == (drawn / file).read_bytes()
        assert (tmp_path / "other" / file).read_bytes() != (drawn / file).read_bytes()


def test_the_log_is_of_the_size_asked_for_and_in_the_order_of_time(drawn: Path) -> None:
    events = _rows(drawn / "interactions.csv")
    liked = [row for row in events if int(row["value"]) >= 4]
    assert len(liked) == LIKINGS
    assert len({row["user_id"] for row in events}) == USERS
    assert len({(row["user_id"], row["item_id"]) for row in events}) == len(events)
    assert {row["item_id"] for row in events} <= {row["item_id"] for row in _rows(drawn / "items.csv")}
    for user in ("u0", "u1"):
        times = [int(row["timestamp"]) for row in events if row["user_id"] == user]
        assert times == sorted(times)
        assert len(set(times)) < len(times)


def test_plait_reads_every_row(drawn: Path) -> None:
    events = open_table(drawn / "interactions.csv", "log")
    known = {row["item_id"] for row in _rows(drawn / "items.csv")}
    found = list(read_interactions(events, event_types={"rating"}, known_items=known))
    assert found
    assert not [row.error for row in found if row.error]
