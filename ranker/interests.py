"""Interests: the groups that a user's attended items fall into, each pooled into a vector of its own."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Rows

ROUNDS = 8
"""Turns of joining and pooling; the groups of a few dozen items stand still well before."""


@dataclass(frozen=True, slots=True)
class Interests:
    """Up to k interests of m users, the most attended first.

    `vectors` (m, k, D) unit rows, zero where a user has fewer; `shares` (m, k) of the attention, summing to that of
    the user; `members` (m, width) the interest of each recent entry, -1 for entries without attention.
    """

    vectors: Floats
    shares: Floats
    members: Rows


def find_interests(attention: Floats, history: Floats, count: int) -> Interests:
    """Group recent entries by likeness: spherical k-means, each entry as heavy as its `attention` (m, width).

    `history` (m, width, D). The first head is the most attended entry, each further one the entry that is attended
    most and least like the heads there are (Gonzalez 1985, weighted), so that nothing is left to chance; equal ones
    are taken newest first. Entries that are all alike make one interest. Raises ValueError for a `count` below 1.
    """
    if count < 1:
        raise ValueError(f"count is {count}; expected at least 1 interest")
    users, width = attention.shape
    if not width:
        nothing = np.zeros((users, count), dtype=np.float32)
        return Interests(
            np.zeros((users, count, history.shape[2]), np.float32), nothing, np.empty((users, 0), np.int64)
        )
    unit = _unit(history)
    weights = attention * unit.any(axis=2)
    heads = _heads(weights, unit, count)
    for _ in range(ROUNDS):
        members = _joined(weights, unit, heads)
        heads = np.where(_any(members, count), _pooled(weights, unit, members, count), heads)
    members = _joined(weights, unit, heads)
    return _ordered(attention, members, _pooled(weights, unit, members, count), count)


def _heads(weights: Floats, unit: Floats, count: int) -> Floats:
    """Return (m, count, D) the entries that groups begin with, zero where no entry is left that is unlike them."""
    users = np.arange(len(weights))
    heads = np.zeros((len(weights), count, unit.shape[2]), dtype=np.float32)
    apart = np.ones(weights.shape, dtype=np.float32)
    for place in range(count):
        value = weights * apart
        best = value.argmax(axis=1)
        found = value[users, best] > 1e-9
        heads[:, place] = unit[users, best] * found[:, None]
        likeness = np.matmul(unit, heads[:, place, :, None])[:, :, 0]
        nearness = np.where(found[:, None], 1.0 - likeness, apart)
        apart = np.where(nearness > 1e-6, np.minimum(apart if place else nearness, nearness), 0.0).astype(np.float32)
    return heads


def _joined(weights: Floats, unit: Floats, heads: Floats) -> Rows:
    """Return (m, width) the head that each entry is most like, -1 for entries of no weight."""
    likeness = np.matmul(unit, heads.transpose(0, 2, 1))
    there = np.asarray(heads.any(axis=2))[:, None, :]
    likeness = np.where(there, likeness, -np.inf)
    return np.where(weights > 0, likeness.argmax(axis=2), -1)


def _any(members: Rows, count: int) -> NDArray[np.bool_]:
    """Return (m, count, 1) whether anything joined a head."""
    joined: NDArray[np.bool_] = (members[:, :, None] == np.arange(count)).any(axis=1)
    return joined[:, :, None]


def _pooled(weights: Floats, unit: Floats, members: Rows, count: int) -> Floats:
    mine = (members[:, :, None] == np.arange(count)) * weights[:, :, None]
    return _unit(np.matmul(mine.transpose(0, 2, 1).astype(np.float32), unit))


def _ordered(attention: Floats, members: Rows, vectors: Floats, count: int) -> Interests:
    shares = ((members[:, :, None] == np.arange(count)) * attention[:, :, None]).sum(axis=1)
    order = np.argsort(-shares, axis=1, kind="stable")
    places = np.argsort(order, axis=1, kind="stable")
    renamed = np.where(members >= 0, np.take_along_axis(places, np.maximum(members, 0), axis=1), -1)
    held = np.take_along_axis(shares, order, axis=1).astype(np.float32)
    sorted_vectors = np.take_along_axis(vectors, order[:, :, None], axis=1) * (held > 0)[:, :, None]
    return Interests(sorted_vectors.astype(np.float32), held, renamed)


def _unit(rows: Floats) -> Floats:
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.where(norms > 1e-12, norms, 1.0), dtype=np.float32)
