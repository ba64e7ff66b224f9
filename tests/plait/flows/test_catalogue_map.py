"""The map: its axes beside an eigendecomposition, and what moves on it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait import Recommender
from plait.flows.catalogue_map import MapDrawer, fit_axes


@given(st.integers(3, 30), st.integers(2, 8), st.integers(0, 2**31))
def test_axes_are_those_of_the_covariance(count: int, dimension: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    axes = fit_axes(vectors)
    values = np.linalg.eigvalsh(np.cov(vectors.astype(np.float64).T))
    np.testing.assert_allclose(axes.directions @ axes.directions.T, np.eye(2), atol=1e-6)
    spread = ((vectors - axes.centre) @ axes.directions.T).var(axis=0, ddof=1)
    np.testing.assert_allclose(spread, values[::-1][:2], rtol=1e-4, atol=1e-9)
    assert (axes.directions[np.arange(2), np.abs(axes.directions).argmax(axis=1)] > 0).all()
    assert np.abs(axes.place(vectors)).max() == pytest.approx(1.0)


def test_three_points_by_hand() -> None:
    axes = fit_axes(np.asarray([[0, 0, 5], [4, 0, 5], [8, 0, 5]], dtype=np.float32))
    np.testing.assert_allclose(axes.place(np.asarray([[0, 0, 5], [6, 0, 5]], np.float32))[:, 0], [-1, 0.5], atol=1e-7)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_items_have_a_place(count: int) -> None:
    vectors = np.eye(3, dtype=np.float32)[:count]
    placed = fit_axes(vectors).place(vectors)
    assert placed.shape == (count, 2)
    assert np.isfinite(placed).all()


def test_live_changes_move_no_other_item(own: Path) -> None:
    recommender = Recommender.open(own)
    drawer = MapDrawer(recommender.live)
    before = drawer.draw()
    recommender.remove_items(["space-1"])
    after = drawer.draw()
    kept = [place for place, item_id in enumerate(before.item_ids) if item_id != "space-1"]
    assert after.item_ids == tuple(before.item_ids[place] for place in kept)
    np.testing.assert_array_equal(after.places, before.places[kept])
