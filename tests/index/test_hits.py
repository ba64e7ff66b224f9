"""Hits are chosen, padded, ordered and merged as a sort in plain Python would."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from index import Hits
from index.hits import best_hits, first, kept, merged, no_hits, padded, ties_by_row

SCORES = arrays(
    np.float32,
    st.tuples(st.integers(1, 4), st.integers(0, 12)),
    elements=st.sampled_from([-np.inf, -1.5, 0.0, 0.25, 2.0]),
)


def sorted_pairs(scores: list[float], limit: int) -> list[tuple[int, float]]:
    found = sorted((-score, column) for column, score in enumerate(scores) if score != -np.inf)
    pairs = [(column, -negated) for negated, column in found[:limit]]
    return pairs + [(-1, -np.inf)] * (limit - len(pairs))


def pairs_of(hits: Hits) -> list[list[tuple[int, float]]]:
    return [
        list(zip(rows.tolist(), scores.tolist(), strict=True))
        for rows, scores in zip(hits.rows, hits.scores, strict=True)
    ]


@given(scores=SCORES, limit=st.integers(1, 15))
def test_best_hits_are_those_of_a_sort(scores: np.ndarray, limit: int) -> None:
    assert pairs_of(best_hits(scores, limit)) == [sorted_pairs(row, limit) for row in scores.tolist()]


@given(scores=SCORES, limit=st.integers(1, 15), cut=st.integers(0, 12))
def test_merging_two_halves_gives_the_whole(scores: np.ndarray, limit: int, cut: int) -> None:
    cut = min(cut, scores.shape[1])
    first, second = best_hits(scores[:, :cut], limit), best_hits(scores[:, cut:], limit)
    shifted = Hits(np.where(second.rows < 0, -1, second.rows + cut), second.scores)
    assert pairs_of(merged(first, shifted, limit)) == pairs_of(best_hits(scores, limit))


@given(scores=SCORES, limit=st.integers(1, 15), seed=st.integers(0, 99))
def test_keeping_the_allowed_is_searching_among_them(scores: np.ndarray, limit: int, seed: int) -> None:
    allowed = np.random.default_rng(seed).random(max(scores.shape[1], 1)) < 0.6
    among = np.where(allowed[: scores.shape[1]], scores, -np.inf).astype(np.float32)
    everything = best_hits(scores, max(scores.shape[1], limit))
    assert pairs_of(kept(everything, allowed, limit)) == pairs_of(best_hits(among, limit))
    assert pairs_of(first(everything, limit)) == pairs_of(best_hits(scores, limit))


def test_no_hits_are_padding_only() -> None:
    hits = no_hits(2, 3)
    assert (hits.rows == -1).all()
    assert (hits.scores == -np.inf).all()
    assert hits.rows.shape == hits.scores.shape == (2, 3)


def test_padding_makes_both_sides_of_no_hit_agree() -> None:
    rows = np.array([[4, -1, 7]])
    scores = np.array([[1.0, -3e38, -np.inf]], dtype=np.float32)
    hits = padded(rows, scores, 5)
    assert pairs_of(hits) == [[(4, 1.0)] + [(-1, -np.inf)] * 4]
    assert rows.tolist() == [[4, -1, 7]]


def test_ties_are_put_by_row_and_only_ties() -> None:
    hits = Hits(np.array([[9, 3, 5, 1], [1, 2, 3, 4]]), np.array([[2, 1, 1, 0], [4, 3, 2, 1]], dtype=np.float32))
    assert ties_by_row(hits).rows.tolist() == [[9, 3, 5, 1], [1, 2, 3, 4]]
    swapped = Hits(hits.rows[:, [0, 2, 1, 3]], hits.scores)
    assert ties_by_row(swapped).rows.tolist() == [[9, 3, 5, 1], [1, 3, 2, 4]]


def test_ties_keep_padding_last() -> None:
    hits = Hits(np.array([[6, 2, -1, -1]]), np.array([[1, 1, -np.inf, -np.inf]], dtype=np.float32))
    assert ties_by_row(hits).rows.tolist() == [[2, 6, -1, -1]]
