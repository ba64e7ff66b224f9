"""Click rates: the chances of every order, beside a slow reference, a closed form and draws."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta

from ranker.click_rate import CELLS, EDGES, Prior, Values, beliefs, order_chances, rates

PRIOR = Prior(1.0, 19.0)
COUNTS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=6)


def believed(pairs: list[tuple[int, int]], prior: Prior = PRIOR) -> Values:
    clicked, missed = np.asarray(pairs, dtype=np.int64).reshape(-1, 2).T
    return beliefs(clicked, clicked + missed, prior)


def reference(cdf: Values) -> Values:
    """Return (n, n) how likely i is r-th, by adaptive integration over every order of n items."""
    count = len(cdf)
    chances = np.zeros((count, count))
    for order in permutations(range(count)):
        # P(order) = P(rate of order[0] > rate of order[1] > ...), from the lowest one up.
        grid = np.linspace(0.0, 1.0, 1 + 40 * CELLS)
        inner = np.ones(len(grid))
        for item in reversed(order):
            mass = np.diff(np.interp(np.interp(grid, np.linspace(0, 1, CELLS + 1), EDGES), EDGES, cdf[item]))
            inner = np.concatenate([[0.0], np.cumsum(mass * 0.5 * (inner[1:] + inner[:-1]))])
        for rank, item in enumerate(order):
            chances[rank, item] += inner[-1]
    return chances


def test_the_posterior_is_that_of_beta() -> None:
    cdf = beliefs(np.asarray([3]), np.asarray([20]), PRIOR)[0]
    np.testing.assert_allclose(cdf, beta(4, 36).cdf(EDGES), atol=1e-12)
    assert (EDGES[0], EDGES[-1], cdf[0], cdf[-1]) == (0.0, 1.0, 0.0, 1.0)


def test_two_items_by_hand() -> None:
    # Of Beta(1, 1) and Beta(2, 1) the second has the higher rate with 2/3; a histogram comes near.
    cdf = beliefs(np.asarray([0, 1]), np.asarray([0, 1]), Prior(1.0, 1.0))
    np.testing.assert_allclose(
        order_chances(cdf[None], np.ones((1, 2), dtype=bool), 2)[0], [[1 / 3, 2 / 3], [2 / 3, 1 / 3]], atol=2e-4
    )


def test_the_histogram_is_close_to_the_beta_distribution() -> None:
    pairs = [(0, 0), (2, 18), (5, 40), (1, 60)]
    exact = []
    for place, (hits, misses) in enumerate(pairs):
        others = [beta(1 + h, 19 + m).cdf for other, (h, m) in enumerate(pairs) if other != place]
        density = beta(1 + hits, 19 + misses).pdf
        exact.append(quad(lambda x, d=density, o=others: d(x) * np.prod([f(x) for f in o]), 0, 1, limit=200)[0])
    found = order_chances(believed(pairs)[None], np.ones((1, 4), dtype=bool), 1)[0, 0]
    np.testing.assert_allclose(found, exact, atol=2e-3)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=4))
def test_every_order_beside_the_reference(pairs: list[tuple[int, int]]) -> None:
    cdf = believed(pairs)
    found = order_chances(cdf[None], np.ones((1, len(pairs)), dtype=bool), len(pairs))[0]
    np.testing.assert_allclose(found, reference(cdf), atol=2e-4)


@settings(max_examples=40, deadline=None)
@given(COUNTS, st.integers(1, 8), st.data())
def test_each_place_has_one_item_and_each_item_one_place(
    pairs: list[tuple[int, int]], depth: int, data: st.DataObject
) -> None:
    known = np.asarray([data.draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))])
    chances = order_chances(believed(pairs)[None], known, depth)[0]
    count = int(known.sum())
    np.testing.assert_allclose(chances.sum(axis=1), [1.0] * min(depth, count) + [0.0] * max(depth - count, 0))
    if depth >= count:
        np.testing.assert_allclose(chances.sum(axis=0), known[0].astype(float))
    assert not chances[:, ~known[0]].any()
    # What is asked for deeper says the same of the places before.
    np.testing.assert_allclose(order_chances(believed(pairs)[None], known, depth + 1)[0, :depth], chances)


def test_more_nodes_change_nothing() -> None:
    # Exact: items nobody knows apart have equal chances to the last digit, however many there are.
    chances = order_chances(believed([(1, 9)] * 30)[None], np.ones((1, 30), dtype=bool), 30)
    np.testing.assert_allclose(chances, 1 / 30, rtol=1e-12)


def test_rates_are_drawn_from_the_posterior() -> None:
    cdf = believed([(2, 10)])[None]
    drawn = (np.arange(20_000) + 0.5) / 20_000
    found = rates(np.broadcast_to(cdf, (20_000, 1, CELLS + 1)), drawn[:, None])[:, 0]
    assert found.mean() == pytest.approx(3 / 32, abs=1e-3)
    for low, high in pairwise(EDGES[:20]):
        share = ((found > low) & (found <= high)).mean()
        assert share == pytest.approx(np.interp(high, EDGES, cdf[0, 0]) - np.interp(low, EDGES, cdf[0, 0]), abs=2e-4)


def test_more_clicks_than_shown_are_refused() -> None:
    with pytest.raises(ValueError, match="clicked exceeds shown"):
        beliefs(np.asarray([2]), np.asarray([1]), PRIOR)
    with pytest.raises(ValueError, match="expected numbers above 0"):
        Prior(0.0, 1.0)
