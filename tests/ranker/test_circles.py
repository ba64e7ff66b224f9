"""Circles beside a loop over paths, and their bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker import circles
from ranker.circles import Relations, circle

EDGES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from([0.5, 1.0, 2.0, 3.0])), max_size=40)


def edges(pairs: list[tuple[int, int, float]]) -> Relations:
    users, others, weights = zip(*pairs, strict=True) if pairs else ((), (), ())
    return Relations(np.asarray(users, np.int64), np.asarray(others, np.int64), np.asarray(weights, np.float32))


def listed(relations: Relations) -> list[tuple[int, int, float]]:
    columns = (relations.users.tolist(), relations.others.tolist(), relations.weights.tolist())
    return sorted(zip(*columns, strict=True))


def distinct(pairs: list[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    return [(one, other, weight) for (one, other), weight in {(a, b): w for a, b, w in pairs if a != b}.items()]


def slow_circle(
    near: list[tuple[int, int, float]], beyond: list[tuple[int, int, float]], own: list[int], damping: float
) -> list[tuple[int, int, float]]:
    """Return every path of one step and of two, the strongest friends only."""

    def best(mine: int, all_: list[tuple[int, int, float]], most: int) -> list[tuple[int, float]]:
        return [(b, w) for a, b, w in sorted(all_, key=lambda edge: (-edge[2], edge[1])) if a == mine][:most]

    found = []
    for place, row in enumerate(own):
        for friend, weight in best(place, near, circles.MOST_FRIENDS):
            found.append((place, friend, weight))
            theirs = best(friend, beyond, circles.MOST_BEYOND)
            for other, trust in theirs if damping > 0 else ():
                if other != row:
                    found.append((place, other, damping * weight * trust / theirs[0][1]))
    return sorted(found)


@given(EDGES, EDGES, st.sampled_from([0.0, 0.3, 1.0]))
@settings(max_examples=150, deadline=None)
def test_against_a_loop(
    first: list[tuple[int, int, float]], second: list[tuple[int, int, float]], damping: float
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(circles, "MOST_FRIENDS", 3)
        patch.setattr(circles, "MOST_BEYOND", 2)
        near, beyond, own = distinct(first), distinct(second), [*range(8), -1, 0]
        found = listed(circle(edges(near), edges(beyond), np.asarray(own), damping))
        expected = slow_circle(near, beyond, own, damping)
    assert [pair[:2] for pair in found] == [pair[:2] for pair in expected]
    np.testing.assert_allclose([pair[2] for pair in found], [pair[2] for pair in expected], rtol=1e-5)


def test_a_user_with_ten_thousand_friends_is_heard_by_the_strongest() -> None:
    near = edges([(0, friend, float(friend)) for friend in range(1, 10_001)])
    beyond = edges([(friend, other, 1.0) for friend in (9_999, 10_000) for other in range(1, 10_001)])
    found = circle(near, beyond, np.asarray([-1]), 0.5)
    assert len(found.users) == circles.MOST_FRIENDS + 2 * circles.MOST_BEYOND
    assert set(range(9_901, 10_001)) <= set(found.others.tolist())


def test_relations_that_tell_nothing_are_left_out() -> None:
    kept = edges([(1, 1, 1.0), (-1, 2, 1.0), (2, -1, 1.0), (0, 1, 0.0), (0, 2, -3.0), (0, 3, np.nan), (0, 4, 2.0)])
    assert listed(kept.checked()) == [(0, 4, 2.0)]
