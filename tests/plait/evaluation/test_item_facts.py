"""Facts of items: who met them, which are guessed from popularity, which categories they have."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from plait.evaluation.item_facts import item_facts, popular_unmet
from plait.evaluation.salted import salted
from ranker.interactions import Interactions

ITEMS = 6
TIES = salted(0, [f"item-{row}" for row in range(ITEMS)])


def train(pairs: list[tuple[int, int]], user_count: int = 5) -> Interactions:
    users, items = [user for user, _ in pairs], [item for _, item in pairs]
    columns = np.asarray(users, dtype=np.int64), np.asarray(items, dtype=np.int64)
    return Interactions(*columns, np.zeros(len(pairs)), np.ones(len(pairs), dtype=np.float32), user_count, ITEMS)


def test_a_user_who_met_an_item_twice_counts_once() -> None:
    facts = item_facts(train([(0, 2), (0, 2), (1, 2), (1, 4), (3, 4), (3, 2)]), TIES)
    assert facts.met_by.tolist() == [0, 0, 3, 0, 2, 0]
    assert facts.user_count == 3
    assert facts.by_popularity[:2].tolist() == [2, 4]
    assert facts.by_popularity[2:].tolist() == sorted([0, 1, 3, 5], key=lambda row: int(TIES[row]))
    assert facts.vectors is None
    assert facts.categories is None


def test_an_empty_log() -> None:
    facts = item_facts(train([]), TIES)
    assert facts.user_count == 0
    assert facts.met_by.tolist() == [0] * ITEMS


def test_categories_as_a_matrix() -> None:
    facts = item_facts(train([]), TIES, categories=[("b", "a"), (), ("b", "b"), (), (), ("c",)])
    assert facts.categories is not None
    assert facts.categories.toarray().tolist() == [[1, 1, 0], [0] * 3, [0, 1, 0], [0] * 3, [0] * 3, [0, 0, 1]]
    assert item_facts(train([]), TIES, categories=[()] * ITEMS).categories is None


@given(hnp.arrays(np.bool_, (3, ITEMS)), st.integers(1, ITEMS + 1), st.lists(st.booleans(), min_size=6, max_size=6))
@settings(deadline=None)
def test_guesses_beside_a_loop(met: NDArray[np.bool_], limit: int, chosen: list[bool]) -> None:
    log = train([(0, 3), (1, 3), (2, 3), (0, 1), (1, 1), (4, 5)])
    counts = [0, 2, 0, 3, 0, 1]
    facts = item_facts(log, TIES, eligible=np.asarray(chosen))
    order = sorted((row for row in range(ITEMS) if chosen[row]), key=lambda row: (-counts[row], int(TIES[row])))
    for found, own in zip(popular_unmet(facts, met, limit).tolist(), met.tolist(), strict=True):
        assert found == ([row for row in order if not own[row]] + [-1] * limit)[:limit]


@pytest.mark.parametrize("seed", range(3))
def test_the_row_of_an_item_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pairs = list(zip(rng.integers(0, 5, 12).tolist(), rng.integers(0, ITEMS, 12).tolist(), strict=True))
    order = rng.permutation(ITEMS)
    place = np.argsort(order)
    moved = item_facts(train([(user, int(place[item])) for user, item in pairs]), TIES[order])
    plain = item_facts(train(pairs), TIES)
    assert order[moved.by_popularity].tolist() == plain.by_popularity.tolist()
    assert moved.met_by.tolist() == plain.met_by[order].tolist()
