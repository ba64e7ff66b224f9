"""Fold-in: factors of users whom training did not see, in closed form from their events."""

import numpy as np

from ranker.collaborative import CONFIDENCE, Factors
from ranker.interactions import Floats, Histories, Recent
from ranker.recency import decay


def fold_in_users(factors: Floats, gram: Floats, recent: Recent, strengths: Floats, regularization: float) -> Floats:
    """Return factors (m, k) of users with any history: one step of ALS with the items fixed, in closed form.

    `factors` (n, k) are projected item factors, `gram` their (k, k) product; `strengths` (m, width) say how much
    each recent entry counts, 0 or less for none:
    u = (gram + sum_i c_i v_i v_i^T + regularization I)^-1 sum_i (1 + c_i) v_i, c_i = CONFIDENCE * strength_i.
    """
    size = factors.shape[1]
    confidence = CONFIDENCE * np.maximum(strengths, 0.0)
    known = (recent.items >= 0) & (confidence > 0)
    vectors = factors[np.where(known, recent.items, 0)] * known[:, :, None]
    weighted = vectors * confidence[:, :, None]
    left = gram + regularization * np.eye(size, dtype=np.float32) + vectors.transpose(0, 2, 1) @ weighted
    right = (weighted + vectors).sum(axis=1)
    solved = np.linalg.solve(left.astype(np.float64), right.astype(np.float64)[:, :, None])[:, :, 0]
    return np.asarray(solved, dtype=np.float32)


def user_factors(factors: Factors, histories: Histories, *, limit: int, time_constant: float) -> Floats:
    """Return factors (m, k) of users from the last `limit` entries of their histories, newer ones counting more."""
    recent = histories.recent(limit)
    projected = factors.projected
    strengths = recent.weights * decay(recent, time_constant)
    return fold_in_users(projected, projected.T @ projected, recent, strengths, factors.regularization)
