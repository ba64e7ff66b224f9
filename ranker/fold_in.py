"""Fold-in: factors of users and items that training did not see, in closed form from their events."""

import numpy as np

from ranker.collaborative import CONFIDENCE, Factors
from ranker.interactions import Floats, Histories, Interactions, Recent, Rows
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


def fold_in_items(
    users: Floats, interactions: Interactions, items: Rows, *, regularization: float, expected: Floats | None = None
) -> Floats:
    """Return factors (len(items), k) of items from their first likings: one step of ALS, the users (m, k) fixed.

    `expected` (len(items), k) is what content predicts, zero for None: an item without a liking keeps it, and who
    has not liked an item is taken to feel as expected. With e for it, sums over the users who liked the item:
    v = e + (U^T U + sum_u c_u u u^T + regularization I)^-1 sum_u (1 + c_u) u (1 - u^T e), c_u = CONFIDENCE * weight.
    """
    start = np.zeros((len(items), users.shape[1]), np.float32) if expected is None else expected
    gram = (users.T @ users).astype(np.float64) + regularization * np.eye(users.shape[1])
    liked = np.flatnonzero(interactions.weights > 0)
    liked = liked[np.argsort(interactions.items[liked], kind="stable")]
    first, last = (np.searchsorted(interactions.items[liked], items, side=side) for side in ("left", "right"))
    folded = start.astype(np.float64)
    for place in np.flatnonzero(last > first):
        events = liked[first[place] : last[place]]
        vectors = users[interactions.users[events]].astype(np.float64)
        weighted = vectors * (CONFIDENCE * interactions.weights[events, None])
        missing = 1.0 - vectors @ folded[place]
        folded[place] += np.linalg.solve(gram + vectors.T @ weighted, (weighted + vectors).T @ missing)
    return folded.astype(np.float32)


def user_factors(factors: Factors, histories: Histories, *, limit: int, time_constant: float) -> Floats:
    """Return factors (m, k) of users from the last `limit` entries of their histories, newer ones counting more."""
    recent = histories.recent(limit)
    projected = factors.projected
    strengths = recent.weights * decay(recent, time_constant)
    return fold_in_users(projected, projected.T @ projected, recent, strengths, factors.regularization)
