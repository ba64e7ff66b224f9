"""Queries in a profile: as if what was asked had been an item that was liked."""

import numpy as np
import pytest

from ranker.asked import Asked, pool_with_asked
from ranker.profile import pool_profiles
from tests.ranker.logs import history, unit_rows


def asked(*queries: tuple[int, float, float]) -> Asked:
    """Return queries of one user of (row of `unit_rows(6, 5)`, weight, age)."""
    vectors = unit_rows(6, 5)[[row for row, _, _ in queries]][None]
    weights, ages = (np.asarray([[query[place] for query in queries]]) for place in (1, 2))
    return Asked(vectors, weights.astype(np.float32), ages.astype(np.float64))


def test_a_query_counts_as_an_item_liked_then() -> None:
    vectors = unit_rows(6, 5)
    recent = history((0, 1.0), (1, 0.6), (2, -1.0)).recent(9)
    found, shares = pool_with_asked(recent, vectors[recent.items], asked((3, 0.5, 0.5)), time_constant=2.0)
    # Newest first are the dislike, a second old 0; the query, half a second old; then the two likings.
    as_liked = history((0, 1.0), (1, 0.6), (3, 0.5), (2, -1.0)).recent(9)
    expected = pool_profiles(as_liked, vectors[as_liked.items], time_constant=2.0)
    assert found.vectors == pytest.approx(expected.vectors, abs=1e-6)
    assert found.attention[0] == pytest.approx(expected.attention[0, [0, 2, 3]], abs=1e-6)
    assert shares[0] == pytest.approx(expected.attention[0, [1]], abs=1e-6)


def test_who_only_asked_has_a_profile() -> None:
    recent = history().recent(9)
    found, shares = pool_with_asked(recent, np.zeros((1, 0, 5), np.float32), asked((3, 0.5, -7.0)), time_constant=2.0)
    assert found.vectors[0] == pytest.approx(unit_rows(6, 5)[3], abs=1e-6)
    assert (found.attention.shape, shares.tolist()) == ((1, 0), [[1.0]])


def test_what_is_asked_after_the_last_event_is_the_newest() -> None:
    vectors, recent = unit_rows(6, 5), history((0, 1.0), (1, 1.0)).recent(9)
    _, late = pool_with_asked(recent, vectors[recent.items], asked((3, 1.0, -5.0)), time_constant=1.0)
    _, early = pool_with_asked(recent, vectors[recent.items], asked((3, 1.0, 5.0)), time_constant=1.0)
    assert late[0, 0] > early[0, 0] > 0


def test_no_query_changes_nothing() -> None:
    vectors, recent = unit_rows(6, 5), history((0, 1.0), (1, 0.3)).recent(9)
    found, shares = pool_with_asked(recent, vectors[recent.items], asked((3, 0.0, 0.0)), time_constant=2.0)
    expected = pool_profiles(recent, vectors[recent.items], time_constant=2.0)
    assert found.vectors == pytest.approx(expected.vectors)
    assert found.attention == pytest.approx(expected.attention)
    assert not shares.any()
