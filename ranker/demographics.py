"""Demographics: the taste expected of users by what is known of them before any event, ridge chosen by leaving out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats
from ranker.taste_fit import TasteFit

STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""Ridges that are tried, in numbers of users."""
LEAST_USERS = 20
"""Users with attributes, below which nothing is learnt from them."""


@dataclass(frozen=True, slots=True)
class Demographics:
    """Taste (r,) by attributes (f,): `(attributes - centre)^T slopes`, `slopes` (f, r); nothing for nothing known."""

    centre: Floats
    slopes: Floats

    def expect(self, attributes: Floats) -> Floats:
        """Return the tastes (m, r) expected of users with `attributes` (m, f), zero for who has a row of zeros.

        Raises ValueError for another number of attributes than was learnt from.
        """
        if attributes.shape[1] != len(self.centre):
            raise ValueError(f"attributes have {attributes.shape[1]} columns; expected {len(self.centre)}")
        known = attributes.any(axis=1, keepdims=True)
        return np.asarray((attributes - self.centre) @ self.slopes * known, dtype=np.float32)


def fit_demographics(fit: TasteFit, attributes: Floats) -> Demographics:
    """Learn what `attributes` (users, f), by the rows of the training, say of a taste; rows of zeros say nothing.

    The ridge has the least squared error of expected weights, each user left out in turn: e_u / (1 - h_u) with h the
    diagonal of A (A^T A + s I)^-1 A^T. Slopes are zero where none errs less than to expect the same of everybody, and
    the mean taste is not moved by an attribute that all share. Raises ValueError for too few rows.
    """
    if len(attributes) <= int(fit.users.max(initial=-1)):
        raise ValueError(f"attributes have {len(attributes)} rows; expected more than {int(fit.users.max())}")
    mine = attributes[fit.users].astype(np.float64)
    known = mine.any(axis=1)
    mine, tastes = mine[known], fit.tastes[known].astype(np.float64)
    nothing = Demographics(
        np.zeros(attributes.shape[1], np.float32), np.zeros((attributes.shape[1], fit.tastes.shape[1]), np.float32)
    )
    if len(mine) < LEAST_USERS:
        return nothing
    centre = mine.mean(axis=0)
    centred = mine - centre
    judge = fit.taste.answers.T.astype(np.float64) @ fit.taste.answers
    best, least = nothing, _error(tastes, judge)
    for strength in STRENGTHS:
        slopes, left_out = _ridge(centred, tastes, strength * len(mine))
        error = _error(left_out, judge)
        if error < least:
            best, least = Demographics(centre.astype(np.float32), slopes.astype(np.float32)), error
    return best


def _ridge(
    attributes: NDArray[np.float64], tastes: NDArray[np.float64], strength: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return slopes (f, r), and the residuals (k, r) of each user had they been left out, the mean too.

    Centring is a regressor without a ridge: it adds 1 / k to each user's leverage.
    """
    left = attributes.T @ attributes + strength * np.eye(attributes.shape[1])
    pulled = np.linalg.solve(left, attributes.T)
    slopes = pulled @ tastes
    leverage = (attributes * pulled.T).sum(axis=1) + 1.0 / len(attributes)
    residuals = tastes - tastes.mean(axis=0) - attributes @ slopes
    return slopes, residuals / np.maximum(1.0 - leverage, 1e-3)[:, None]


def _error(residuals: NDArray[np.float64], judge: NDArray[np.float64]) -> float:
    """Return the sum of squared errors of expected weights, `judge` (r, r) being the product of the answers."""
    return float(((residuals @ judge) * residuals).sum())
