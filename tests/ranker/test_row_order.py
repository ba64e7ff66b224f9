"""Which row an item or a user has tells nothing: what is learnt moves with the rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.cold import fit_content_map
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


def test_the_content_map_moves_with_the_rows() -> None:
    rng = np.random.default_rng(0)
    features, factors = parity_features(40), rng.normal(size=(40, 3)).astype(np.float32)
    counts, order = rng.integers(0, 3, 40), rng.permutation(40)
    one = fit_content_map(features, factors, counts).content.predict(features)
    two = fit_content_map(features.take(order), factors[order], counts[order]).content.predict(features)
    assert one == pytest.approx(two, abs=1e-4)
