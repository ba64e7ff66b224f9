"""Diversity of lists by content and by category: by hand, beside loops over pairs, and as scikit-learn has pairs."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from sklearn.metrics import jaccard_score
from sklearn.metrics.pairwise import cosine_similarity

from plait.evaluation.item_facts import Categories, item_facts
from plait.evaluation.list_variety import category_coverage, category_diversity, content_diversity
from plait.evaluation.salted import salted
from ranker.interactions import Interactions

ITEMS, CUT = 8, 4
NAMES = [("a",), ("a", "b"), ("b", "c"), (), ("a", "b", "c"), ("d",), ("d",), ("c", "d")]

slates_of = hnp.arrays(np.int64, (3, CUT), elements=st.integers(-1, ITEMS - 1))


def matrix(names: list[tuple[str, ...]]) -> Categories:
    none = np.empty(0, dtype=np.int64)
    train = Interactions(none, none, np.empty(0), np.empty(0, dtype=np.float32), 1, len(names))
    found = item_facts(train, salted(0, map(str, range(len(names)))), categories=names).categories
    assert found is not None
    return found


def vectors(seed: int = 0) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).normal(size=(ITEMS, 3)).astype(np.float32)
    drawn[3] = 0.0
    return drawn


def test_content_by_hand() -> None:
    rows = np.asarray([[1, 0], [0, 2], [-3, 0], [0, 0]], dtype=np.float32)
    slates = np.asarray([[0, 1, -1], [0, 2, -1], [0, 0, -1], [0, 1, 2], [0, 3, -1], [0, 3, 1]])
    found = content_diversity(slates, rows)
    assert found[:4] == pytest.approx([1.0, 2.0, 0.0, 1 - (0 - 1 + 0) / 3])
    assert np.isnan(found[4])  # Of the second nothing is known: there is no pair.
    assert found[5] == pytest.approx(1.0)


def test_categories_by_hand() -> None:
    slates = np.asarray([[0, 1, -1], [0, 5, -1], [5, 6, -1], [0, 1, 2], [0, 3, -1], [-1, -1, -1]])
    found = category_diversity(slates, matrix(NAMES))
    assert found[:4] == pytest.approx([1 - 1 / 2, 1.0, 0.0, 1 - (1 / 2 + 0 + 1 / 3) / 3])
    assert np.isnan(found[4:]).all()


OWNED = matrix(NAMES).toarray().astype(int)
SHARED = np.asarray([[jaccard_score(a, b, zero_division=0) for b in OWNED] for a in OWNED])
COSINE = cosine_similarity(vectors().astype(np.float64))


def _expected(row: list[int], known: list[bool], alike: NDArray[np.float64]) -> float:
    pairs = list(combinations([item for item in row if item >= 0 and known[item]], 2))
    return 1 - sum(float(alike[a, b]) for a, b in pairs) / len(pairs) if pairs else math.nan


@given(slates_of)
@settings(deadline=None)
def test_beside_loops_over_the_pairs_of_scikit_learn(slates: NDArray[np.int64]) -> None:
    rows, owned = vectors(), matrix(NAMES)
    by_content = [_expected(row, [item != 3 for item in range(ITEMS)], COSINE) for row in slates.tolist()]
    by_category = [_expected(row, [bool(own) for own in NAMES], SHARED) for row in slates.tolist()]
    np.testing.assert_allclose(content_diversity(slates, rows), by_content, rtol=0, atol=1e-9)
    np.testing.assert_allclose(category_diversity(slates, owned), by_category, rtol=0, atol=1e-9)


@given(slates_of, st.permutations(range(CUT)), st.permutations(range(ITEMS)))
@settings(deadline=None)
def test_bounds_and_order(slates: NDArray[np.int64], order: list[int], rows: list[int]) -> None:
    content, category = content_diversity(slates, vectors()), category_diversity(slates, matrix(NAMES))
    assert np.all(np.isnan(content) | ((content >= -1e-12) & (content <= 2 + 1e-12)))
    assert np.all(np.isnan(category) | ((category >= -1e-12) & (category <= 1 + 1e-12)))
    moved = np.append(np.argsort(rows), -1)[slates[:, order]]
    np.testing.assert_allclose(content_diversity(moved, vectors()[rows]), content, atol=1e-9)
    renamed = matrix([NAMES[row] for row in rows])
    np.testing.assert_allclose(category_diversity(moved, renamed), category, atol=1e-9)


def test_the_length_of_a_vector_does_not_matter() -> None:
    slates = np.asarray([[0, 1, 2, 4]])
    scaled = vectors() * np.arange(1, ITEMS + 1, dtype=np.float32)[:, None]
    assert content_diversity(slates, scaled) == pytest.approx(content_diversity(slates, vectors()), abs=1e-6)


def test_coverage_by_hand() -> None:
    categories = matrix(NAMES)
    slates = np.asarray([[0, 1, -1, -1], [2, 3, 4, 5], [3, 3, -1, -1], [-1, -1, -1, -1]])
    found = category_coverage(slates, categories)
    np.testing.assert_array_equal(found, [0.5, 1.0, np.nan, np.nan])


@given(slates_of)
def test_coverage_is_what_a_loop_counts(slates: NDArray[np.int64]) -> None:
    found = category_coverage(slates, matrix(NAMES))
    for row, value in zip(slates.tolist(), found.tolist(), strict=True):
        held = {name for item in row if item >= 0 for name in NAMES[item]}
        assert value == len(held) / 4 if held else math.isnan(value)
