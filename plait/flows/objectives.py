"""Objectives: what a user's list is to have most of, by the name of the method in plait.toml."""

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Rows
from plait.config import DiversityMethod
from plait.item_values import column_of, values_of
from plait.moment import Moment
from ranker.diversity import Calibration, MarginalRelevance, Objective, Volume, scaled, unit_vectors
from ranker.interactions import Recent


def objective_of(
    moment: Moment, recent: Recent, place: int, rows: Rows, logits: NDArray[np.float64], diversity: float,
    method: DiversityMethod,
) -> Objective:  # fmt: skip
    """Return the objective of the list at `place` for candidates at `rows` (c,), best first, with `logits` (c,).

    `recent` (lists, width) are the recent entries of whom each list is for.
    """
    relevance = scaled(logits)
    if method == "calibrated":
        liked = recent.items[place][(recent.weights[place] > 0) & (recent.items[place] >= 0)]
        shares = category_shares(moment, np.concatenate([liked, rows]))
        mix = shares[: len(liked)].sum(axis=0)
        return Calibration(relevance, shares[len(liked) :], mix / max(mix.sum(), 1.0), diversity)
    unit = unit_vectors(moment.index.vectors(rows))
    return (MarginalRelevance if method == "mmr" else Volume)(relevance, unit, diversity)


def category_shares(moment: Moment, rows: Rows) -> NDArray[np.float64]:
    """Return (n, k) each item divided evenly among its categories, of k that any of them has; zero for none."""
    offsets, codes = values_of(column_of(moment.live.table(moment.index), "categories"), rows)
    known, columns = np.unique(codes, return_inverse=True)
    counts = np.diff(offsets)
    shares = np.zeros((len(rows), len(known)))
    owners = np.repeat(np.arange(len(rows)), counts)
    shares[owners, columns] = 1.0 / counts[owners]
    return shares
