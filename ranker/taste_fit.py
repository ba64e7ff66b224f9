"""Learning tastes: the directions in which users differ, in closed form, and how much a single event is believed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Interactions, Rows
from ranker.strongest import strongest
from ranker.taste import Taste

if TYPE_CHECKING:
    from scipy.sparse import csr_array

FACTORS = 64
BEGINNING = 20
"""A user is new for so many events, or half of all theirs: what is met then, everybody meets without being told."""
NOISE = 10.0
"""How much less than the whole a single event says, in mean variances of an item, where nothing can be chosen by."""
SMALL = 400
"""Below so many users or items all singular vectors are computed and the first kept."""

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TasteFit:
    """What was learnt, and from whom: `users` (k,) ascending rows of those with events, their `tastes` (k, r)."""

    taste: Taste
    users: Rows
    tastes: Floats


def fit_taste(interactions: Interactions, *, factors: int = FACTORS, noise: float = NOISE) -> TasteFit:
    """Learn from users' strongest event with each item; users without any are passed over.

    `base` is the mean weight of an item over all users, 0 for who has not met it. `says` are the first singular vectors
    of what users say beyond that, in such a length that tastes have variance 1. `expected` and `answers` regress what
    is liked after the beginning, among those who did not meet the item in theirs. Users, items and events may come in
    any order; tastes are determined but for a rotation.
    """
    users, owners = np.unique(interactions.users, return_inverse=True)
    kept = strongest(owners, interactions.items, interactions.weights)
    who, items, said = owners[kept], interactions.items[kept], interactions.weights[kept]
    later = _is_later(interactions, owners)[kept]
    shape = (len(users), interactions.item_count)
    count = max(len(users), 1)
    met = np.bincount(items, minlength=shape[1])
    base = np.bincount(items, said, minlength=shape[1]) / count
    tastes, says = _directions(_sparse(said, who, items, shape), base, factors)
    free = (count - np.bincount(items[~later], minlength=shape[1]) + 1) / (count + 1)
    liked = _sparse(said[later], who[later], items[later], shape)
    expected = np.bincount(items[later], said[later], minlength=shape[1]) / count / free
    answers = np.asarray(liked.T @ tastes) / count / free[:, None]
    spread = float((np.bincount(items, said**2, minlength=shape[1]) / count - base**2).mean()) if shape[1] else 0.0
    taste = Taste(
        base.astype(np.float32), says.astype(np.float32), expected.astype(np.float32), answers.astype(np.float32),
        (met / count).astype(np.float32), max(noise * spread, 1e-9),
    )  # fmt: skip
    return TasteFit(taste, users, tastes.astype(np.float32))


def _is_later(interactions: Interactions, owners: Rows) -> NDArray[np.bool_]:
    """Return (events,) whether an event's item was first met after its user's beginning.

    Items met at one moment share the middle of their places, for in which order they are recorded is no knowledge.
    """
    order = np.lexsort((interactions.times, interactions.items, owners))
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (np.diff(owners[order]) != 0) | (np.diff(interactions.items[order]) != 0)
    first = order[new]
    by_time = first[np.lexsort((interactions.times[first], owners[first]))]
    mine, times = owners[by_time], interactions.times[by_time]
    change = np.ones(len(by_time), dtype=np.bool_)
    change[1:] = (np.diff(mine) != 0) | (np.diff(times) != 0)
    group = np.cumsum(change) - 1
    sizes = np.bincount(group)
    begins = np.searchsorted(mine, mine, side="left")
    places = np.flatnonzero(change)[group] - begins + sizes[group] / 2
    lengths = np.searchsorted(mine, mine, side="right") - begins
    later = np.empty(len(order), dtype=np.bool_)
    later[by_time] = places >= np.minimum(BEGINNING, lengths // 2)
    spread = np.empty(len(order), dtype=np.bool_)
    spread[order] = later[first][np.cumsum(new) - 1]
    return spread


def _directions(matrix: "csr_array", base: Doubles, factors: int) -> tuple[Doubles, Doubles]:
    """Return tastes (k, r) and loadings (n, r) of the rows of `matrix` (k, n) less their mean `base` (n,)."""
    from scipy.sparse.linalg import LinearOperator, svds

    count = matrix.shape[0]
    size = min(factors, *matrix.shape)
    if min(matrix.shape) < max(SMALL, 4 * factors):
        left, lengths, right = np.linalg.svd(matrix.toarray() - base, full_matrices=False)
    else:
        centred = LinearOperator(
            matrix.shape,
            matvec=lambda vector: matrix @ vector.ravel() - base @ vector.ravel(),
            rmatvec=lambda vector: matrix.T @ vector.ravel() - base * vector.sum(),
            dtype=np.float64,
        )
        # A start made of the data: a drawn one would make the last bits depend on the order of the rows.
        start = base if matrix.shape[1] <= count else np.asarray(matrix @ base) - base @ base
        left, lengths, right = svds(centred, k=size, v0=start + np.sqrt(np.mean(start**2)) + 1e-12)
    order = np.argsort(-lengths, kind="stable")[:size]
    # A direction in which nobody differs would be divided by nothing elsewhere, and says nothing.
    order = order[lengths[order] > 1e-9 * max(float(lengths.max(initial=0.0)), 1e-12)]
    root = np.sqrt(max(count, 1))
    return left[:, order] * root, right[order].T * (lengths[order] / root)


def _sparse(values: Floats, who: Rows, items: Rows, shape: tuple[int, int]) -> "csr_array":
    from scipy.sparse import csr_array

    return csr_array((values.astype(np.float64), (who, items)), shape=shape)
