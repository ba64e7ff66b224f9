"""Exploration: the propensities told are the true ones, by hand, by every outcome, and by 100,000 draws."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from ranker.click_rate import Mask, Prior, Values, beliefs, order_chances, rates
from ranker.exploration import Explored, even_chances, explore, slot_chances, slots_of
from ranker.interactions import Rows

DRAWS = 100_000
KNOWN = np.asarray([[True, False, True, True, True]])
CLICKED, SHOWN = np.asarray([[0, 0, 6, 1, 2]]), np.asarray([[0, 0, 40, 40, 12]])


def explored(method: str, share: float, slots: int, drawn: Values, coins: Values, known: Mask = KNOWN) -> Explored:
    """Explore as one request does, for as many requests as there are draws."""
    if method == "epsilon":
        orders, priorities = even_chances(known, slots), drawn
    else:
        cdf = beliefs(CLICKED, SHOWN, Prior(1.0, 19.0))
        orders = order_chances(cdf, known, slots)
        priorities = rates(np.broadcast_to(cdf, (*drawn.shape, cdf.shape[2])), drawn)
    count = len(drawn)
    orders = np.broadcast_to(orders, (count, *orders.shape[1:]))
    return explore(orders, priorities, np.broadcast_to(known, (count, known.shape[1])), share, coins)


def off(seen: Rows, told: Values) -> float:
    """Return Pearson's chi-square of how often each outcome came beside how often it should."""
    return float(((seen - DRAWS * told) ** 2 / (DRAWS * told)).sum())


@pytest.mark.parametrize("method", ["epsilon", "thompson"])
@pytest.mark.parametrize(("share", "slots"), [(0.3, 2), (1.0, 1), (0.8, 3), (0.5, 6)])
def test_propensities_are_true(method: str, share: float, slots: int) -> None:
    rng = np.random.default_rng(7)
    found = explored(method, share, slots, rng.random((DRAWS, 5)), rng.random((DRAWS, slots)))
    for chosen, propensities in zip(found.chosen.T, found.propensities.T, strict=True):
        outcomes, places, seen = np.unique(chosen, return_index=True, return_counts=True)
        told = propensities[places]
        # Every draw of an outcome tells the same propensity, and together they are all there is.
        assert (propensities == told[np.searchsorted(outcomes, chosen)]).all()
        assert told.sum() == pytest.approx(1.0, abs=1e-9)
        assert off(seen, told) < chi2.ppf(0.9999, max(len(told) - 1, 1)), (outcomes, told, seen)


def test_the_test_would_notice_a_wrong_propensity() -> None:
    rng = np.random.default_rng(7)
    found = explored("epsilon", 0.3, 2, rng.random((DRAWS, 5)), rng.random((DRAWS, 2)))
    seen = np.unique(found.chosen[:, 0], return_counts=True)[1]
    assert off(seen, np.asarray([0.7, 0.075, 0.075, 0.075, 0.075])) < chi2.ppf(0.9999, 4)
    assert off(seen, np.asarray([0.68, 0.08, 0.08, 0.08, 0.08])) > chi2.ppf(0.9999, 4)


def test_epsilon_by_hand() -> None:
    # Four items, a share of .4: .1 for each of them at each slot, as long as the pool cannot run out.
    np.testing.assert_allclose(slot_chances(even_chances(KNOWN, 4), 0.4)[0], 0.1 * np.repeat(KNOWN, 4, axis=0))
    # One item and two slots: it is at the second only where the first did not explore.
    single = np.ones((1, 1), dtype=bool)
    np.testing.assert_allclose(slot_chances(even_chances(single, 2), 0.4)[0, :, 0], [0.4, 0.24])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 4), st.integers(0, 3), st.floats(0, 1), st.integers(0, 10**6))
def test_slots_beside_every_outcome(slots: int, items: int, share: float, seed: int) -> None:
    """All coins and all orders, each with its probability, counted one by one."""
    orders = list(permutations(range(items)))
    weights = np.random.default_rng(seed).dirichlet(np.ones(len(orders)))
    chances = np.zeros((1, slots, items))
    for order, weight in zip(orders, weights, strict=True):
        for rank, item in enumerate(order[:slots]):
            chances[0, rank, item] += weight
    counted = np.zeros((slots, items + 1))
    for order, coins in product(zip(orders, weights, strict=True), product((True, False), repeat=slots)):
        likely = order[1] * np.prod([share if coin else 1 - share for coin in coins])
        left = list(order[0])
        for slot, coin in enumerate(coins):
            counted[slot, left.pop(0) if coin and left else items] += likely
    found = slot_chances(chances, share)[0]
    np.testing.assert_allclose(found, counted[:, :items], atol=1e-12)
    np.testing.assert_allclose(1 - found.sum(axis=1), counted[:, items], atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 6), st.integers(1, 5), st.floats(0, 1), st.integers(0, 10**6))
def test_no_item_twice_and_none_that_is_not_in_the_pool(items: int, slots: int, share: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    known = rng.random((8, items)) < 0.6
    chances = even_chances(known, slots)
    found = explore(chances, rng.random((8, items)), known, share, rng.random((8, slots)))
    for chosen, mine, told in zip(found.chosen, known, found.propensities, strict=True):
        shown = chosen[chosen >= 0]
        assert len(set(shown.tolist())) == len(shown)
        assert mine[shown].all()
        assert (told > 0).all()
        assert (told <= 1).all()


def test_a_share_of_nothing_and_of_everything() -> None:
    rng = np.random.default_rng(0)
    drawn, coins = rng.random((50, 5)), rng.random((50, 2))
    never = explored("thompson", 0.0, 2, drawn, coins)
    assert (never.chosen == -1).all()
    assert (never.propensities == 1.0).all()
    assert (explored("thompson", 1.0, 2, drawn, coins).chosen >= 0).all()


def test_what_is_clicked_more_is_shown_more() -> None:
    chances = order_chances(beliefs(CLICKED, SHOWN, Prior(1.0, 19.0)), KNOWN, 1)[0, 0]
    assert np.argsort(-chances)[:2].tolist() == [2, 4]
    # What has been shown forty times and clicked once is less likely the best than what nobody knows yet.
    assert chances[3] < chances[0]


def test_slots() -> None:
    assert slots_of(0, 10, 5).tolist() == [4, 9]
    assert slots_of(3, 3, 5).tolist() == [1]
    assert slots_of(5, 4, 5).tolist() == []
    assert slots_of(0, 3, 1).tolist() == [0, 1, 2]
    assert slots_of(0, 0, 5).tolist() == []
    with pytest.raises(ValueError, match="every is 0"):
        slots_of(0, 10, 0)
    with pytest.raises(ValueError, match="share is 1.5"):
        slot_chances(np.zeros((1, 1, 1)), 1.5)
