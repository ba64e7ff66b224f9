"""The ways to part a log user by user: the last liking, the last event, or any liking is the target."""

import numpy as np

from index.vector_index import Mask, Rows
from plait.evaluation.entries import Cases, Entries, split_of
from plait.evaluation.splits import Split
from plait.history import Log

LEAST_EVENTS = 5


def last_liked(log: Log, salt: int, *, least_events: int = LEAST_EVENTS) -> Split:
    """Return the split of protocol last-liked: the target is the user's last positive event.

    The history is every event before it; what came after is dropped. Users with fewer than `least_events` events, or
    without a history, are learnt from and not judged. Equal times are ordered by a salted hash of user and item.
    Earlier events of a target's own item are dropped too, for an item that was seen would never be ranked. Raises
    BadData where nobody can be judged.
    """
    entries = Entries.of(log, salt)
    targets = entries.last(entries.positive)
    kept = np.arange(len(entries.users)) < targets[entries.users]
    return _split("last-liked", entries, targets, kept, least_events)


def leave_last_out(log: Log, salt: int, *, least_events: int = LEAST_EVENTS) -> Split:
    """Return the split whose target is the user's last event, liked or not; the rest is as in `last_liked`."""
    entries = Entries.of(log, salt)
    targets = entries.last(np.ones(len(entries.users), dtype=np.bool_))
    kept = np.arange(len(entries.users)) < targets[entries.users]
    return _split("leave-last-out", entries, targets, kept, least_events)


def random_per_user(log: Log, salt: int, *, least_events: int = LEAST_EVENTS) -> Split:
    """Return the split whose target is any of the user's positive events; all others, also later ones, are known."""
    entries = Entries.of(log, salt)
    drawn = np.lexsort((entries.ties, ~entries.positive, entries.users))
    owners, first = np.unique(entries.users[drawn], return_index=True)
    targets = np.full(len(log.user_ids), -1, dtype=np.int64)
    targets[owners] = np.where(entries.positive[drawn[first]], drawn[first], -1)
    kept = np.arange(len(entries.users)) != targets[entries.users]
    return _split("random", entries, targets, kept, least_events)


def _split(name: str, entries: Entries, targets: Rows, kept: Mask, least_events: int) -> Split:
    """Return the split in which users with a target learn from what is `kept`, and all others from everything."""
    own_item = np.where(targets >= 0, entries.items[targets] if len(entries.items) else -1, -1)
    kept = kept & (entries.items != own_item[entries.users])
    left = np.bincount(entries.users[kept], minlength=len(targets))
    judged = (targets >= 0) & (entries.counts >= least_events) & (left > 0)
    wanted = np.zeros(len(kept), dtype=np.bool_)
    wanted[targets[judged]] = True
    cases = {"": Cases(np.flatnonzero(judged), kept, wanted)}
    nobody = f"no user has {least_events} events with a positive one behind others"
    return split_of(name, entries, kept | ~judged[entries.users], cases, nobody=nobody)
