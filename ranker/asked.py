"""What users asked for in words, pooled into their profiles beside what they liked."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ranker.attention import DESIGN, Attention
from ranker.interactions import Floats, Recent, Times
from ranker.profile import Profiles, pool_profiles

Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Asked:
    """Up to q queries of m users, newest first: `vectors` (m, q, D) in the space of the items, unit or zero.

    `weights` (m, q) count as those of events do, 0 where there is no query; `ages` (m, q) in seconds before the
    moment of the histories, below 0 for what was asked after it.
    """

    vectors: Floats
    weights: Floats
    ages: Times


def pool_with_asked(
    recent: Recent, vectors: Floats, asked: Asked, *, time_constant: float, attention: Attention = DESIGN
) -> tuple[Profiles, Floats]:
    """Pool recent items and queries as if a query were an item liked when it was asked.

    Returns profiles whose attention (m, width) is that of the recent items, and the attention (m, q) of the queries;
    both together sum to 1.
    """
    width = recent.items.shape[1]
    told = asked.weights > 0
    together = Recent(
        _beside(recent.items, np.where(told, 0, -1)),
        _beside(recent.weights, asked.weights * told),
        _beside(recent.ages, asked.ages),
        _beside(recent.used, told),
    )
    order = np.argsort(np.where(together.used, together.ages, np.inf), axis=1, kind="stable")
    merged = Recent(
        np.take_along_axis(together.items, order, axis=1),
        np.take_along_axis(together.weights, order, axis=1),
        np.maximum(np.take_along_axis(together.ages, order, axis=1), 0.0),
        np.take_along_axis(together.used, order, axis=1),
    )
    sorted_vectors = np.take_along_axis(_beside(vectors, asked.vectors), order[:, :, None], axis=1)
    pooled = pool_profiles(merged, sorted_vectors, time_constant=time_constant, attention=attention)
    shares = np.zeros_like(pooled.attention)
    np.put_along_axis(shares, order, pooled.attention, axis=1)
    return Profiles(pooled.vectors, shares[:, :width]), shares[:, width:]


def _beside(first: NDArray[Kind], second: NDArray[np.generic]) -> NDArray[Kind]:
    return np.concatenate([first, second.astype(first.dtype)], axis=1)
