"""Collaborative filtering by matrix factorisation, `r_ui = u^T V v_i + b_i`, learnt by the library implicit."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ranker.interactions import Floats, Interactions
from ranker.one_thread import one_thread

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CONFIDENCE = 10.0
"""How much surer a liking of weight 1 is than the absence of one (alpha of Hu, Koren, Volinsky 2008)."""


@dataclass(frozen=True, slots=True)
class Factors:
    """`r_ui = u^T V v_i + b_i`: item factors (n, k), bias (n,), V (k, k), and the ridge strength of fold-in.

    V is the identity for factors of ALS and BPR; `ranker.collaborative_gradient` learns it.
    """

    items: Floats
    bias: Floats
    bilinear: Floats
    regularization: float

    @property
    def projected(self) -> Floats:
        """(n, k) `V v_i`, so that a score is an inner product with a user's factors."""
        return np.asarray(self.items @ self.bilinear.T, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Factorization:
    """Both sides of what was learnt: the item side, and the factors (m, k) of the users of the training."""

    factors: Factors
    users: Floats

    def scores(self) -> Floats:
        """Return (m, n) `u^T V v_i + b_i` of every user and item of the training."""
        return np.asarray(self.users @ self.factors.projected.T + self.factors.bias, dtype=np.float32)


def fit_als(
    interactions: Interactions, *, factors: int, regularization: float = 10.0, iterations: int = 15, seed: int = 0
) -> Factorization:
    """Factorise likings by alternating least squares (implicit feedback, Hu, Koren, Volinsky 2008).

    At most half as many factors as users or items are learnt. Items that nobody liked have factors of zero.
    """
    from implicit.cpu.als import AlternatingLeastSquares

    liked = _likings(interactions, 1.0 + CONFIDENCE * interactions.weights)
    size = max(1, min(factors, min(liked.shape) // 2))
    with one_thread():
        model = AlternatingLeastSquares(
            factors=size, regularization=regularization, iterations=iterations, random_state=seed, num_threads=1
        )
        model.fit(liked, show_progress=False)
    items, users = (np.nan_to_num(np.asarray(side, np.float32)) for side in (model.item_factors, model.user_factors))
    bias = np.zeros(len(items), dtype=np.float32)
    return Factorization(Factors(items, bias, np.eye(items.shape[1], dtype=np.float32), regularization), users)


def fit_bpr(
    interactions: Interactions,
    *,
    factors: int,
    learning_rate: float = 0.05,
    regularization: float = 0.002,
    iterations: int = 100,
    seed: int = 0,
) -> Factorization:
    """Learn to rank likings above the rest by Bayesian personalised ranking (Rendle et al. 2009), with item biases.

    Raises ValueError where nobody liked anything, for there is no pair to learn from.
    """
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    liked = _likings(interactions, np.ones(len(interactions), dtype=np.float32))
    if not liked.nnz:
        raise ValueError("interactions hold no liking (no weight above 0); expected at least one to learn from")
    with one_thread():
        model = BayesianPersonalizedRanking(
            factors=factors, learning_rate=learning_rate, regularization=regularization, iterations=iterations,
            random_state=seed, num_threads=1,
        )  # fmt: skip
        model.fit(liked, show_progress=False)
    # The library keeps the bias as a last column of the items' factors, beside a last column of ones of the users'.
    items, users = np.asarray(model.item_factors, np.float32), np.asarray(model.user_factors, np.float32)
    size = items.shape[1] - 1
    learnt = Factors(items[:, :size], items[:, size], np.eye(size, dtype=np.float32), regularization)
    return Factorization(learnt, users[:, :size])


def _likings(interactions: Interactions, values: Floats) -> "csr_matrix":
    from scipy.sparse import csr_matrix

    liked = interactions.weights > 0
    shape = (interactions.user_count, interactions.item_count)
    return csr_matrix((values[liked], (interactions.users[liked], interactions.items[liked])), shape=shape)
