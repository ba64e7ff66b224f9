"""Measures of a ranking, written once over arrays; each is computed per user and averaged elsewhere.

`hits` (m, n) bool says whether the item at each rank is relevant, best rank first; `relevant` (m,) how many relevant
items there are, ranked or not. A user without any has NaN: nothing can be said. A list that ends before the cut holds
nothing relevant from there on. Which definitions exist elsewhere: tests/ranker/test_metrics_agree.py.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Hits = NDArray[np.bool_]
Counts = NDArray[np.int64]
Values = NDArray[np.float64]


def ndcg(hits: Hits, relevant: Counts, cut: int) -> Values:
    """Return DCG / ideal DCG at `cut` with binary gains and 1 / log2(rank + 1) (Jarvelin, Kekalainen 2002)."""
    discount = 1.0 / np.log2(np.arange(2, cut + 2))
    gained = hits[:, :cut] @ discount[: hits.shape[1]]
    ideal = np.concatenate(([0.0], np.cumsum(discount)))[np.minimum(relevant, cut)]
    return _ratio(gained, ideal)


def hit(hits: Hits, relevant: Counts, cut: int) -> Values:
    """Return 1 where any of the first `cut` is relevant, else 0."""
    return _said(np.asarray(hits[:, :cut].any(axis=1), dtype=np.float64), relevant)


def recall(hits: Hits, relevant: Counts, cut: int) -> Values:
    """Return how many of the relevant items are among the first `cut`, as a share of all of them."""
    return _ratio(hits[:, :cut].sum(axis=1), relevant)


def precision(hits: Hits, relevant: Counts, cut: int) -> Values:
    """Return the share of the first `cut` that is relevant; a list that is too short counts as irrelevant."""
    return _said(np.asarray(hits[:, :cut].sum(axis=1) / cut, dtype=np.float64), relevant)


def f1(hits: Hits, relevant: Counts, cut: int) -> Values:
    """Return the harmonic mean of precision and recall at `cut`, 0 where both are 0."""
    p, r = precision(hits, relevant, cut), recall(hits, relevant, cut)
    total = p + r
    return np.asarray(np.where(total > 0, 2 * p * r / np.where(total > 0, total, 1.0), total))


def average_precision(hits: Hits, relevant: Counts, cut: int) -> Values:
    """Return the sum of the precision at each relevant rank up to `cut`, over min(relevant, cut).

    The average precision of TREC (Voorhees, Harman 2005) where the list may hold only `cut`: a perfect list has 1.
    """
    cropped = hits[:, :cut]
    at_rank = np.cumsum(cropped, axis=1) / np.arange(1, cropped.shape[1] + 1)
    return _ratio((at_rank * cropped).sum(axis=1), np.minimum(relevant, cut))


def reciprocal_rank(hits: Hits, relevant: Counts) -> Values:
    """Return 1 / rank of the first relevant item, 0 where none is ranked (Voorhees 1999)."""
    ranks = np.arange(1, hits.shape[1] + 1)
    return _said(np.max(hits / ranks, axis=1, initial=0.0), relevant)


AT_CUT: Mapping[str, Callable[[Hits, Counts, int], Values]] = {
    "ndcg": ndcg,
    "hit": hit,
    "recall": recall,
    "precision": precision,
    "f1": f1,
    "map": average_precision,
}


def all_metrics(hits: Hits, relevant: Counts, cuts: tuple[int, ...]) -> dict[str, Values]:
    """Return every measure by its name, such as `ndcg@10`, and `mrr`.

    Raises ValueError for a cut below 1, and where more items are hit than are relevant.
    """
    if cuts and min(cuts) < 1:
        raise ValueError(f"cuts holds {min(cuts)}; expected numbers from 1")
    if (hits.sum(axis=1) > relevant).any():
        raise ValueError("hits holds more items than relevant counts; expected relevant to count every one of them")
    measured = {f"{name}@{cut}": function(hits, relevant, cut) for cut in cuts for name, function in AT_CUT.items()}
    return measured | {"mrr": reciprocal_rank(hits, relevant)}


def _ratio(gained: NDArray[np.floating] | Counts, possible: NDArray[np.floating] | Counts) -> Values:
    safe = np.where(possible > 0, possible, 1)
    return np.asarray(np.where(possible > 0, gained / safe, np.nan), dtype=np.float64)


def _said(values: Values, relevant: Counts) -> Values:
    return np.where(relevant > 0, values, np.nan)
