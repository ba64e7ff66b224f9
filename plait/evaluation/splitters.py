"""The ways to part a log: each user's last liking, last event, or any liking is the target."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Rows
from plait.errors import BadData
from plait.evaluation.salted import Ties, salted
from plait.evaluation.splits import Split
from plait.history import Log
from ranker.interactions import Histories, Interactions

LEAST_EVENTS = 5


@dataclass(frozen=True, slots=True)
class _Entries:
    """The events of a log user by user, oldest first, equal times by the `ties` of user and item."""

    users: Rows
    items: Rows
    times: NDArray[np.float64]
    weights: NDArray[np.float32]
    positive: NDArray[np.bool_]
    ties: Ties
    user_count: int


def last_liked(log: Log, salt: int, *, least_events: int = LEAST_EVENTS) -> Split:
    """Return the split of protocol last-liked: the target is the user's last positive event.

    The history is every event before it; what came after is dropped. Users with fewer than `least_events` events, or
    without a history, are learnt from and not judged. Equal times are ordered by a salted hash of user and item: half
    of MovieLens's neighbouring events tie, and the order of a file may tell what came last. Earlier events of a
    target's own item are dropped too, for an item that was seen would never be ranked. Raises BadData where nobody
    can be judged.
    """
    entries = _entries(log, salt)
    targets = _last(entries, entries.positive)
    kept = np.arange(len(entries.users)) < targets[entries.users]
    return _split("last-liked", log, salt, entries, targets, kept, least_events)


def leave_last_out(log: Log, salt: int, *, least_events: int = LEAST_EVENTS) -> Split:
    """Return the split whose target is the user's last event, liked or not; the rest is as in `last_liked`."""
    entries = _entries(log, salt)
    targets = _last(entries, np.ones(len(entries.users), dtype=np.bool_))
    kept = np.arange(len(entries.users)) < targets[entries.users]
    return _split("leave-last-out", log, salt, entries, targets, kept, least_events)


def random_per_user(log: Log, salt: int, *, least_events: int = LEAST_EVENTS) -> Split:
    """Return the split whose target is any of the user's positive events; all others, also later ones, are known."""
    entries = _entries(log, salt)
    drawn = np.lexsort((entries.ties, ~entries.positive, entries.users))
    owners, first = np.unique(entries.users[drawn], return_index=True)
    targets = np.full(entries.user_count, -1, dtype=np.int64)
    targets[owners] = np.where(entries.positive[drawn[first]], drawn[first], -1)
    kept = np.arange(len(entries.users)) != targets[entries.users]
    return _split("random", log, salt, entries, targets, kept, least_events)


def _entries(log: Log, salt: int) -> _Entries:
    user_ids, item_ids = list(log.user_ids), list(log.item_ids)
    pairs = zip(log.users.tolist(), log.items.tolist(), strict=True)
    ties = salted(salt, (f"{user_ids[user]}\x1f{item_ids[item]}" for user, item in pairs))
    # One user may have done two things with one item in one second: then what was done decides, never the row.
    order = np.lexsort((log.weights, log.positive, ties, log.times, log.users))
    return _Entries(
        log.users[order], log.items[order], log.times[order], log.weights[order], log.positive[order],
        ties[order], len(user_ids),
    )  # fmt: skip


def _last(entries: _Entries, wanted: NDArray[np.bool_]) -> Rows:
    """Return (users,) the last entry of each user that is wanted, -1 without one."""
    last = np.full(entries.user_count, -1, dtype=np.int64)
    # Assignment goes in order, so that the last entry of a user stays.
    last[entries.users[wanted]] = np.flatnonzero(wanted)
    return last


def _split(
    name: str, log: Log, salt: int, entries: _Entries, targets: Rows, kept: NDArray[np.bool_], least_events: int
) -> Split:
    """Return the split in which users with a target learn from what is `kept`, and all others from everything."""
    own_item = np.where(targets >= 0, entries.items[targets] if len(entries.items) else -1, -1)
    kept = kept & (entries.items != own_item[entries.users])
    count = partial(np.bincount, minlength=entries.user_count)
    judged = (targets >= 0) & (count(entries.users) >= least_events) & (count(entries.users[kept]) > 0)
    if not judged.any():
        raise BadData(f"no user has {least_events} events with a positive one behind others; nothing can be judged")
    kept |= ~judged[entries.users]
    users = np.flatnonzero(judged)
    histories = _histories(entries, kept)
    return Split(
        name, salt, log.user_ids, log.item_ids, _by_time(histories.interactions(len(log.item_ids))), users,
        histories.take(users), entries.items[targets[users]], salted(salt, log.item_ids),
    )  # fmt: skip


def _histories(entries: _Entries, kept: NDArray[np.bool_]) -> Histories:
    """Return what is kept; a history's moment is that of its last event, for a target's time would tell of it."""
    offsets = np.searchsorted(entries.users[kept], np.arange(entries.user_count + 1))
    times = entries.times[kept]
    now = np.where(np.diff(offsets) > 0, times[np.maximum(offsets[1:] - 1, 0)], 0.0)
    return Histories(offsets, entries.items[kept], times, entries.weights[kept], now)


def _by_time(interactions: Interactions) -> Interactions:
    order = np.argsort(interactions.times, kind="stable")
    return Interactions(
        interactions.users[order], interactions.items[order], interactions.times[order], interactions.weights[order],
        interactions.user_count, interactions.item_count,
    )  # fmt: skip
