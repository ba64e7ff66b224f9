"""Splits: which events a model may learn from, and what it must find."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Rows
from plait.errors import BadData
from plait.history import Log
from ranker.interactions import Histories, Interactions

LEAST_EVENTS = 5


@dataclass(frozen=True, slots=True)
class Split:
    """What is learnt from, and m users with the history before their target.

    `train` are the interactions of all users, without the targets and what came after; `users` (m,) rows of the
    log's users; `targets` (m,) item rows; `ties` (items,) a salted number by which equal scores are ordered.
    """

    salt: int
    train: Interactions
    users: Rows
    histories: Histories
    targets: Rows
    ties: NDArray[np.uint64]

    def __len__(self) -> int:
        """Return the number of users judged."""
        return len(self.users)


def salted(salt: int, texts: list[str]) -> NDArray[np.uint64]:
    """Return a number (n,) for each text that depends on it and on the salt, and on nothing else."""
    digests = [hashlib.blake2b(f"{salt}\x1f{text}".encode(), digest_size=8).digest() for text in texts]
    return np.frombuffer(b"".join(digests), dtype=np.uint64)


def last_liked(log: Log, salt: int) -> Split:
    """Return the split of protocol last-liked.

    The target of a user with at least LEAST_EVENTS events is the last positive one, the history every event before
    it; what came after is dropped. Equal times are ordered by a salted hash of user and item: half of MovieLens's
    neighbouring events tie, and the order of a file may tell what came last. Raises BadData without such a user.
    """
    user_ids, item_ids = list(log.user_ids), list(log.item_ids)
    pairs = [f"{user_ids[u]}\x1f{item_ids[i]}" for u, i in zip(log.users.tolist(), log.items.tolist(), strict=True)]
    order = np.lexsort((salted(salt, pairs), log.times, log.users))
    users, items, positive = log.users[order], log.items[order], log.positive[order]
    offsets = np.searchsorted(users, np.arange(len(user_ids) + 1))
    last = np.full(len(user_ids), -1, dtype=np.int64)
    last[users[positive]] = np.flatnonzero(positive)
    judged = np.flatnonzero((np.diff(offsets) >= LEAST_EVENTS) & (last > offsets[:-1]))
    if not len(judged):
        raise BadData(f"no user has {LEAST_EVENTS} events with a positive one behind others; nothing can be judged")
    ends = offsets[1:].copy()
    ends[judged] = last[judged]
    kept = np.arange(len(order)) < ends[users]
    lengths = ends - offsets[:-1]
    times = log.times[order]
    now = np.where(lengths > 0, times[np.maximum(ends - 1, 0)], 0.0)
    histories = Histories(
        np.concatenate(([0], np.cumsum(lengths))), items[kept], times[kept], log.weights[order][kept], now
    )
    names = np.asarray(judged, dtype=np.int64)
    ties = salted(salt, item_ids)
    return Split(salt, histories.interactions(len(item_ids)), names, histories.take(names), items[last[names]], ties)
