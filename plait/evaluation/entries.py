"""Entries: a log user by user, from which every protocol takes what is learnt, known and wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Mask, Rows
from plait.errors import BadData
from plait.evaluation.salted import Ties, salted
from plait.evaluation.splits import Split
from plait.history import Log
from ranker.interactions import Floats, Histories


@dataclass(frozen=True, slots=True)
class Entries:
    """The n events of `log` user by user, oldest first, equal times by a salted hash of user and item.

    Half of MovieLens's neighbouring events tie, and the order of a file may tell what came last. `rows` are those of
    the log, `ties` (n,) the hashes, `places` (n,) how many entries of the same user stand before each.
    """

    log: Log
    salt: int
    rows: Rows
    users: Rows
    items: Rows
    times: NDArray[np.float64]
    weights: Floats
    positive: Mask
    ratings: Floats
    ties: Ties

    @classmethod
    def of(cls, log: Log, salt: int) -> "Entries":
        """Order a log."""
        user_ids, item_ids = list(log.user_ids), list(log.item_ids)
        pairs = zip(log.users.tolist(), log.items.tolist(), strict=True)
        ties = salted(salt, (f"{user_ids[user]}\x1f{item_ids[item]}" for user, item in pairs))
        # One user may have done two things with one item in one second: then what was done decides, never the row.
        order = np.lexsort((log.weights, log.positive, ties, log.times, log.users))
        return cls(
            log, salt, order, log.users[order], log.items[order], log.times[order], log.weights[order],
            log.positive[order], log.ratings[order], ties[order],
        )  # fmt: skip

    @property
    def counts(self) -> Rows:
        """(users,) how many entries each user has."""
        return np.bincount(self.users, minlength=len(self.log.user_ids))

    @property
    def places(self) -> Rows:
        """(n,) how many entries of the same user stand before each."""
        return np.arange(len(self.users)) - (np.cumsum(self.counts) - self.counts)[self.users]

    @property
    def pairs(self) -> Rows:
        """(n,) a number for each pair of user and item."""
        return self.users * max(len(self.log.item_ids), 1) + self.items

    def last(self, wanted: Mask) -> Rows:
        """Return (users,) the last entry of each user that is wanted, -1 without one."""
        last = np.full(len(self.log.user_ids), -1, dtype=np.int64)
        # Assignment goes in order, so that the last entry of a user stays.
        last[self.users[wanted]] = np.flatnonzero(wanted)
        return last

    def new(self, wanted: Mask, known: Mask) -> Mask:
        """Return (n,) what is wanted of it whose item the user does not have among the `known` entries.

        An item that was wanted more than once counts once, by its last entry.
        """
        found = np.flatnonzero(wanted & ~np.isin(self.pairs, self.pairs[known]))
        _, last = np.unique(self.pairs[found][::-1], return_index=True)
        mask = np.zeros(len(self.users), dtype=np.bool_)
        mask[found[::-1][last]] = True
        return mask

    def histories(self, kept: Mask, users: Rows) -> Histories:
        """Return the histories of `users` out of the kept entries.

        A history's moment is that of its last event, for a target's time would tell of it.
        """
        offsets = np.searchsorted(self.users[kept], np.arange(len(self.log.user_ids) + 1))
        times = self.times[kept]
        last = times[np.maximum(offsets[1:] - 1, 0)] if len(times) else np.zeros(len(offsets) - 1)
        now = np.where(np.diff(offsets) > 0, last, 0.0)
        return Histories(offsets, self.items[kept], times, self.weights[kept], now).take(users)

    def learnt(self, kept: Mask) -> Log:
        """Return the kept entries as a log, in the order of time and then of users and hashes."""
        rows = self.rows[kept]
        return self.log.take(rows[np.argsort(self.log.times[rows], kind="stable")])


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases of a split: `known` (n,) entries make the histories of `users`, `wanted` (n,) entries are the targets.

    Every user here has a target; `seen` (n,) entries are left out of the ranking, the known ones where it is None.
    """

    users: Rows
    known: Mask
    wanted: Mask
    seen: Mask | None = None


def split_of(
    name: str, entries: Entries, learnt: Mask, cases: Mapping[str, Cases], *, nobody: str, pool: Rows | None = None,
    part: str = "",
) -> Split:  # fmt: skip
    """Return the split that learns from the `learnt` entries and judges the cases, group by group.

    A group named "" is none. Raises BadData with `nobody` where there are no cases.
    """
    users = np.concatenate([case.users for case in cases.values()])
    if not len(users):
        raise BadData(f"{name}: {nobody}; nothing can be judged")
    histories, seen = zip(*(_histories(entries, case) for case in cases.values()), strict=True)
    wanted = [_targets(entries, case) for case in cases.values()]
    targets = np.concatenate([rows for rows, _ in wanted])
    lengths = np.concatenate([np.diff(offsets) for _, offsets in wanted])
    log = entries.log
    return Split(
        name=name,
        salt=entries.salt,
        learnt=entries.learnt(learnt),
        users=users,
        histories=joined(histories),
        seen=joined(seen),
        targets=entries.items[targets],
        target_offsets=np.concatenate(([0], np.cumsum(lengths))),
        ratings=entries.ratings[targets],
        pool=np.arange(len(log.item_ids)) if pool is None else pool,
        ties=salted(entries.salt, log.item_ids),
        part=part,
        groups=_groups(cases),
    )


def _histories(entries: Entries, case: Cases) -> tuple[Histories, Histories]:
    """Return what is known of a case's users, and what they have seen."""
    known = entries.histories(case.known, case.users)
    return known, known if case.seen is None else entries.histories(case.seen, case.users)


def joined(parts: Sequence[Histories]) -> Histories:
    """Return the histories of several batches as one batch."""
    lengths = np.concatenate([part.lengths for part in parts])
    return Histories(
        np.concatenate(([0], np.cumsum(lengths))),
        np.concatenate([part.items for part in parts]),
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.now for part in parts]),
    )


def _targets(entries: Entries, case: Cases) -> tuple[Rows, Rows]:
    """Return the entries (t,) that a case's users have to find, and the offsets (m + 1,) of each user's."""
    chosen = np.flatnonzero(case.wanted)
    ends = np.searchsorted(entries.users[chosen], np.arange(len(entries.log.user_ids) + 1))
    spans = [chosen[ends[user] : ends[user + 1]] for user in case.users.tolist()]
    offsets = np.concatenate(([0], np.cumsum([len(span) for span in spans], dtype=np.int64)))
    return np.concatenate([np.empty(0, dtype=np.int64), *spans]), offsets


def _groups(cases: Mapping[str, Cases]) -> dict[str, Mask]:
    owners = np.repeat(np.arange(len(cases)), [len(case.users) for case in cases.values()])
    return {name: owners == place for place, name in enumerate(cases) if name}
