"""BPR: items ranked by what was met above what was not (Rendle et al. 2009), learnt by the library implicit."""

from dataclasses import dataclass

import numpy as np

from plait.evaluation.peers.id_rows import IdRows
from plait.evaluation.peers.met import met
from plait.evaluation.peers.peer import Settings
from plait.evaluation.peers.tuning import best_of, grid
from plait.evaluation.splits import Split
from ranker.collaborative import fit_bpr
from ranker.interactions import Floats, Histories

SETTINGS = grid(factors=(16, 32, 64), pull=(0.03, 0.1), liked=(0, 1))
REGULARIZATION = 0.01
BLOCK = 512


@dataclass(frozen=True, slots=True)
class FittedBpr:
    """Item factors (items, k) and biases (items,), and what each item says of a user who met it.

    `slopes` (items, k) and `curves` (items, k * k) are the gradient and the negative Hessian, at a user of whom nothing
    is known, of the mean over all items j of log sigmoid(x_i - x_j); `pull` is the ridge for each item met.
    """

    factors: Floats
    bias: Floats
    slopes: Floats
    curves: Floats
    pull: float
    liked: bool

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) `u^T v_i + b_i`, u by one Newton step of the BPR objective over the whole history.

        Every item is a negative, in closed form: no sampling, and users need not have been there at the training.
        """
        read = met(histories, len(self.bias), liked=self.liked)
        size = self.factors.shape[1]
        counts = np.maximum(read.sum(axis=1), 1.0)
        left = (read @ self.curves).reshape(-1, size, size) + self.pull * counts[:, None, None] * np.eye(size)
        users = np.linalg.solve(left.astype(np.float64), (read @ self.slopes).astype(np.float64)[:, :, None])[:, :, 0]
        return np.asarray(users @ self.factors.T + self.bias, dtype=np.float32)


class Bpr:
    """BPR over who met what, or over who liked what, as chosen."""

    name = "bpr"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Choose the number of factors, a user's ridge, and whether an event that is no liking counts."""
        return best_of(self, SETTINGS, validation, seed=seed)

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedBpr:
        """Learn item factors and biases from a start that `seed` and the ids decide."""
        liked, order = bool(settings["liked"]), IdRows.of(split)
        pairs = order.pairs(liked=liked, weight=1.0)
        factors = int(settings["factors"])
        learnt = fit_bpr(pairs, factors=factors, regularization=REGULARIZATION, seed=seed).factors
        items, bias = learnt.items[order.items], learnt.bias[order.items]
        return FittedBpr(items, bias, *sayings(items, bias), settings["pull"], liked)


def sayings(items: Floats, bias: Floats) -> tuple[Floats, Floats]:
    """Return slopes (items, k) and curves (items, k * k) of each item at a user with factors of zero.

    With s_ij = sigmoid(b_j - b_i), w_ij = s_ij (1 - s_ij) and d_ij = v_i - v_j: the means over j of s_ij d_ij and of
    w_ij d_ij d_ij^T.
    """
    count, size = items.shape
    vectors = items.astype(np.float64)
    squares = (vectors[:, :, None] * vectors[:, None, :]).reshape(count, size * size)
    slopes, curves = np.empty_like(vectors), np.empty((count, size, size), dtype=np.float32)
    for start in range(0, count, BLOCK):
        some = slice(start, start + BLOCK)
        mine = vectors[some]
        wrong = 1.0 / (1.0 + np.exp(bias[some, None].astype(np.float64) - bias[None, :]))
        weights = wrong * (1.0 - wrong) / count
        slopes[some] = wrong.mean(axis=1)[:, None] * mine - wrong @ vectors / count
        mixed = mine[:, :, None] * (weights @ vectors)[:, None, :]
        summed = weights.sum(axis=1)[:, None] * squares[some] + weights @ squares
        curves[some] = summed.reshape(-1, size, size) - mixed - mixed.transpose(0, 2, 1)
    return slopes.astype(np.float32), curves.reshape(count, size * size)
