"""Onboarding: which few items to ask a new user about, so that the answers tell most of what else they will like."""

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Rows
from ranker.taste import Taste


def questions(taste: Taste, allowed: NDArray[np.bool_], limit: int) -> tuple[Rows, NDArray[np.float64]]:
    """Return up to `limit` rows of `allowed` (n,) items, the most telling first, and what each tells.

    What is not known of a user is the variance of the expected weights, tr(answers Sigma answers^T), Sigma the
    covariance of the taste. Asking about item i, known by `known[i]` of all users, lowers it by
    known_i |answers Sigma s_i|^2 / (noise + s_i^T Sigma s_i) on average, s_i = says[i]: the largest is asked, then
    Sigma is lowered by as much, and so on (greedy Bayesian D-optimal design with the trace, Chaloner, Verdinelli 1995).
    What each tells is returned as its share of the variance before the first question. An item that tells nothing, for
    nobody knows it, is not asked about.
    """
    says, answers = taste.says.astype(np.float64), taste.answers.astype(np.float64)
    judge = answers.T @ answers
    covariance = np.eye(taste.factors)
    whole = float(np.trace(judge))
    open_to = allowed & (taste.known > 0)
    chosen: list[int] = []
    told: list[float] = []
    while len(chosen) < limit and open_to.any() and whole > 0:
        reach = says @ covariance
        doubt = taste.noise + (reach * says).sum(axis=1)
        gains = np.where(open_to, taste.known * ((reach @ judge) * reach).sum(axis=1) / doubt, -np.inf)
        best = int(np.argmax(gains))
        if gains[best] <= 0:
            break
        chosen.append(best)
        told.append(float(gains[best]) / whole)
        open_to = open_to & (np.arange(len(open_to)) != best)
        covariance = covariance - taste.known[best] * np.outer(reach[best], reach[best]) / doubt[best]
    return np.asarray(chosen, dtype=np.int64), np.asarray(told, dtype=np.float64)
