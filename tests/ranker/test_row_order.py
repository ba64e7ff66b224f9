"""Which row an item or a user has tells nothing: what is learnt moves with the rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.cold_items import fit_cold_items
from ranker.interactions import Interactions
from ranker.item_weights import fit_item_weights
from ranker.popularity import popularity
from tests.ranker.logs import parity_features, random_log

USERS, ITEMS = 12, 20


def moved(interactions: Interactions, seed: int) -> tuple[Interactions, np.ndarray]:
    """Return the log with rows of users and items drawn anew, and the new row of each item."""
    rng = np.random.default_rng(seed)
    users, items = rng.permutation(USERS), rng.permutation(ITEMS)
    renamed = Interactions(
        users[interactions.users], items[interactions.items], interactions.times, interactions.weights, USERS, ITEMS
    )
    return renamed, items


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_item_weights_move_with_the_rows(seed: int) -> None:
    interactions = random_log(USERS, ITEMS, 150, seed=seed)
    other, items = moved(interactions, seed)
    one, two = (fit_item_weights(log, regularization=1.0) for log in (interactions, other))
    places = two.places(ITEMS)[items[one.rows]]
    assert one.weights == pytest.approx(two.weights[np.ix_(places, places)], abs=1e-5)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_popularity_moves_with_the_rows(seed: int) -> None:
    interactions = random_log(USERS, ITEMS, 150, seed=seed)
    other, items = moved(interactions, seed)
    assert popularity(interactions) == pytest.approx(popularity(other)[items], abs=1e-6)


def test_what_content_tells_moves_with_the_rows() -> None:
    interactions, features = random_log(USERS, ITEMS, 150), parity_features(ITEMS)
    other, items = moved(interactions, 3)
    order = np.argsort(items)
    one, two = fit_cold_items(interactions, features).cold, fit_cold_items(other, features.take(order)).cold
    # Directions have no sign of their own, so scores are compared; users move with their rows as well.
    users = np.random.default_rng(3).permutation(USERS)
    first = one.users(interactions.histories()) @ one.items(features).T
    second = two.users(other.histories()) @ two.items(features.take(order)).T
    assert second[users][:, items] == pytest.approx(first, abs=2e-2)
    assert first.std() > 0.1
