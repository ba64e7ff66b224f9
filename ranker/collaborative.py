"""Collaborative filtering by matrix factorisation, and the closed-form fold-in of new users and items."""

from dataclasses import dataclass

import numpy as np

from ranker.interactions import Floats, Histories, Interactions, Recent, Rows

CONFIDENCE = 10.0
"""How much surer a liking of weight 1 is than the absence of one (alpha of Hu, Koren, Volinsky 2008)."""


@dataclass(frozen=True, slots=True)
class Factors:
    """`r_ui = u^T V v_i + b_i`: item factors (n, k), bias (n,), V (k, k), and the ridge strength of fold-in.

    V is the identity for factors of ALS.
    """

    items: Floats
    bias: Floats
    bilinear: Floats
    regularization: float

    @property
    def projected(self) -> Floats:
        """(n, k) `V v_i`, so that a score is an inner product with a user's factors."""
        return np.asarray(self.items @ self.bilinear.T, dtype=np.float32)


def fit_als(
    interactions: Interactions, *, factors: int, regularization: float = 10.0, iterations: int = 15, seed: int = 0
) -> Factors:
    """Factorise likings by alternating least squares (implicit feedback, Hu, Koren, Volinsky 2008)."""
    from implicit.cpu.als import AlternatingLeastSquares
    from scipy.sparse import csr_matrix
    from threadpoolctl import threadpool_limits

    liked = interactions.weights > 0
    confidence = 1.0 + CONFIDENCE * interactions.weights[liked]
    shape = (interactions.user_count, interactions.item_count)
    matrix = csr_matrix((confidence, (interactions.users[liked], interactions.items[liked])), shape=shape)
    size = max(1, min(factors, min(shape) // 2))
    # One thread: the order of sums, and so the last bits, must not depend on the machine.
    with threadpool_limits(1, "blas"):  # implicit and BLAS, each with threads of its own, starve each other
        model = AlternatingLeastSquares(
            factors=size, regularization=regularization, iterations=iterations, random_state=seed, num_threads=1
        )
        model.fit(matrix, show_progress=False)
    items = np.nan_to_num(np.asarray(model.item_factors, dtype=np.float32))
    bias = np.zeros(len(items), dtype=np.float32)
    return Factors(items, bias, np.eye(items.shape[1], dtype=np.float32), regularization)


def fold_in_users(factors: Floats, gram: Floats, recent: Recent, strengths: Floats, regularization: float) -> Floats:
    """Return factors (m, k) of users with any history: one step of ALS with the items fixed, in closed form.

    `factors` (n, k) are projected item factors, `gram` their (k, k) product; `strengths` (m, width) say how much
    each recent entry counts, 0 for none:
    u = (gram + sum_i c_i v_i v_i^T + regularization I)^-1 sum_i (1 + c_i) v_i, c_i = CONFIDENCE * strength_i.
    """
    count, size = len(recent.items), factors.shape[1]
    confidence = CONFIDENCE * np.maximum(strengths, 0.0)
    known = (recent.items >= 0) & (confidence > 0)
    vectors = factors[np.where(known, recent.items, 0)] * known[:, :, None]
    weighted = vectors * confidence[:, :, None]
    left = gram + regularization * np.eye(size, dtype=np.float32) + vectors.transpose(0, 2, 1) @ weighted
    right = (weighted + vectors).sum(axis=1)
    solved = np.linalg.solve(left.astype(np.float64), right.astype(np.float64)[:, :, None])[:, :, 0]
    return np.asarray(solved, dtype=np.float32) if count else np.zeros((0, size), dtype=np.float32)


def fold_in_items(users: Floats, interactions: Interactions, items: Rows, regularization: float) -> Floats:
    """Return factors (len(items), k) of items from their first events, the users' factors (m, k) fixed."""
    gram = users.T @ users + regularization * np.eye(users.shape[1], dtype=np.float32)
    folded = np.zeros((len(items), users.shape[1]), dtype=np.float32)
    for place, item in enumerate(items.tolist()):
        mine = (interactions.items == item) & (interactions.weights > 0)
        vectors = users[interactions.users[mine]]
        confidence = CONFIDENCE * interactions.weights[mine][:, None]
        folded[place] = np.linalg.solve(gram + vectors.T @ (vectors * confidence), (vectors * (1 + confidence)).sum(0))
    return folded


def user_factors(factors: Factors, histories: Histories, *, limit: int, time_constant: float) -> Floats:
    """Return factors (m, k) of users from their histories; an entry n places back counts exp(-n / time_constant)."""
    recent = histories.recent(limit)
    strengths = recent.weights * decay(recent, time_constant)
    projected = factors.projected
    return fold_in_users(projected, projected.T @ projected, recent, strengths, factors.regularization)


def decay(recent: Recent, time_constant: float) -> Floats:
    """Return (m, width) exp(-place / time_constant), 0 where there is no entry."""
    places = np.arange(recent.items.shape[1], dtype=np.float32)
    return np.asarray(np.exp(-places / time_constant)[None, :] * recent.used, dtype=np.float32)
