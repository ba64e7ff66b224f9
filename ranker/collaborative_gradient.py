"""Matrix factorisation learnt by gradient steps, `r_ui = u^T V v_i + b_i`: the reference for the closed forms.

theta <- theta - eta * grad L(theta), by plain SGD or by Adam (Kingma, Ba 2015), L the squared error plus L2.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ranker.collaborative import Factorization, Factors
from ranker.interactions import Interactions

BATCH = 256
FIRST_DECAY, SECOND_DECAY, SMALL = 0.9, 0.999, 1e-8

Parameters = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Descent:
    """What was learnt, and the mean squared error after each epoch."""

    learnt: Factorization
    errors: tuple[float, ...]


def fit_gradient(
    interactions: Interactions,
    *,
    factors: int,
    step: float = 0.02,
    regularization: float = 0.02,
    epochs: int = 20,
    optimizer: Literal["sgd", "adam"] = "adam",
    learn_bilinear: bool = True,
    seed: int = 0,
) -> Descent:
    """Learn u, V, v and b from the weights of the interactions, in batches shuffled by `seed`.

    V stays the identity unless `learn_bilinear`.
    """
    rng = np.random.default_rng(seed)
    theta: Parameters = {
        "users": rng.normal(0.0, 0.1, (interactions.user_count, factors)),
        "items": rng.normal(0.0, 0.1, (interactions.item_count, factors)),
        "bilinear": np.eye(factors),
        "bias": np.zeros(interactions.item_count),
    }
    moments = {name: (np.zeros_like(value), np.zeros_like(value)) for name, value in theta.items()}
    errors, count = [], 0
    for _ in range(epochs):
        order = rng.permutation(len(interactions))
        for start in range(0, len(order), BATCH):
            count += 1
            gradient = gradients(theta, interactions, order[start : start + BATCH], regularization)
            for name, value in theta.items():
                if name == "bilinear" and not learn_bilinear:
                    continue
                value -= step * (gradient[name] if optimizer == "sgd" else _adam(gradient[name], moments[name], count))
        residual = predict(theta, interactions.users, interactions.items) - interactions.weights
        errors.append(float(np.mean(residual**2)))
    single = {name: value.astype(np.float32) for name, value in theta.items()}
    learnt = Factors(single["items"], single["bias"], single["bilinear"], regularization)
    return Descent(Factorization(learnt, single["users"]), tuple(errors))


def predict(theta: Parameters, users: NDArray[np.int64], items: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return u^T V v + b for pairs of rows (n,)."""
    mixed = theta["users"][users] @ theta["bilinear"]
    return np.asarray(np.einsum("nk,nk->n", mixed, theta["items"][items]) + theta["bias"][items])


def gradients(
    theta: Parameters, interactions: Interactions, batch: NDArray[np.int64], regularization: float
) -> Parameters:
    """Return the gradient of half the mean squared error of a batch plus half the L2 of what it touches."""
    users, items = interactions.users[batch], interactions.items[batch]
    error = (predict(theta, users, items) - interactions.weights[batch]) / max(len(batch), 1)
    u, v, bilinear = theta["users"][users], theta["items"][items], theta["bilinear"]
    share = regularization / max(len(batch), 1)
    gradient = {name: np.zeros_like(value) for name, value in theta.items()}
    np.add.at(gradient["users"], users, error[:, None] * (v @ bilinear.T) + share * u)
    np.add.at(gradient["items"], items, error[:, None] * (u @ bilinear) + share * v)
    np.add.at(gradient["bias"], items, error + share * theta["bias"][items])
    gradient["bilinear"] = (u * error[:, None]).T @ v + regularization * (bilinear - np.eye(len(bilinear)))
    return gradient


def _adam(
    gradient: NDArray[np.float64], moments: tuple[NDArray[np.float64], NDArray[np.float64]], count: int
) -> NDArray[np.float64]:
    first, second = moments
    first *= FIRST_DECAY
    first += (1 - FIRST_DECAY) * gradient
    second *= SECOND_DECAY
    second += (1 - SECOND_DECAY) * gradient**2
    mean = first / (1 - FIRST_DECAY**count)
    return np.asarray(mean / (np.sqrt(second / (1 - SECOND_DECAY**count)) + SMALL))
