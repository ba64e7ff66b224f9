"""Split: what a model may learn from, and what it must find."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from index import IdMap
from index.vector_index import Mask, Rows
from plait.evaluation.salted import Ties
from plait.evaluation.shown import Shown
from plait.history import Log
from ranker.interactions import Floats, Histories, Interactions


@dataclass(frozen=True, slots=True)
class Split:
    """What is learnt from, and m cases: a user with a history and the items that are to be found.

    `learnt` are the events of all users that a model may learn from; `users` (m,) rows of `user_ids`, where a user
    may come more than once (with histories of other lengths); case i has the targets
    `targets[target_offsets[i]:target_offsets[i + 1]]`, rows of `item_ids`, each once, oldest first; `ratings` (t,)
    are what the user gave them, NaN where that is not known. `pool` are the ascending rows of the items that are
    ranked, `seen` what of them is left out for each case, `ties` (items,) order equal scores.

    `name` is the protocol and `salt` its chance; `part` tells the splits of one salt apart, "" where there is one.
    `groups` (m,) are the cases that the protocol itself tells apart. `shown` is what was shown after that, None where
    the log has no impressions.
    """

    name: str
    salt: int
    learnt: Log
    users: Rows
    histories: Histories
    seen: Histories
    targets: Rows
    target_offsets: Rows
    ratings: Floats
    pool: Rows
    ties: Ties
    part: str = ""
    groups: Mapping[str, Mask] = field(default_factory=dict)
    shown: Shown | None = None

    def __len__(self) -> int:
        """Return the number of cases judged."""
        return len(self.users)

    @property
    def title(self) -> str:
        """What this split is called among those of its protocol."""
        return f"salt {self.salt}, {self.part}" if self.part else f"salt {self.salt}"

    @property
    def user_ids(self) -> IdMap:
        """Every user of the log."""
        return self.learnt.user_ids

    @property
    def item_ids(self) -> IdMap:
        """Every item of the catalogue."""
        return self.learnt.item_ids

    @property
    def in_pool(self) -> Mask:
        """(items,) whether an item is ranked."""
        inside = np.zeros(len(self.item_ids), dtype=np.bool_)
        inside[self.pool] = True
        return inside

    @property
    def target_owners(self) -> Rows:
        """(t,) the case of each target."""
        return np.repeat(np.arange(len(self)), np.diff(self.target_offsets))

    @property
    def train(self) -> Interactions:
        """What may be learnt from, in the order of time, without what only judging needs."""
        return self.learnt.interactions()

    def without_targets(self) -> "Split":
        """Return what a model is handed: what it may learn from and what it will rank, and nobody to be judged.

        Targets, histories, what is left out of a ranking and what was shown are gone: a model that reads them finds
        nothing.
        """
        nobody, nothing = self.histories.take(np.empty(0, dtype=np.int64)), np.empty(0, dtype=np.int64)
        return replace(
            self, users=nothing, histories=nobody, seen=nobody, targets=nothing, target_offsets=np.zeros(1, np.int64),
            ratings=np.empty(0, dtype=np.float32), groups={}, shown=None,
        )  # fmt: skip

    @property
    def fingerprint(self) -> str:
        """A sha256 of the content in terms of ids: the same whatever rows users and items have."""
        pool = sorted(self.item_ids.ids(self.pool))
        digest = hashlib.sha256(repr((self.name, self.salt, self.part, sorted(self.item_ids), pool)).encode())
        shown = () if self.shown is None else self.shown.lines(self.user_ids, self.item_ids)
        for line in sorted((*self._learnt_lines(), *self._case_lines(), *shown)):
            digest.update(line.encode())
        return digest.hexdigest()

    def _learnt_lines(self) -> Iterator[str]:
        """Yield one line for each user who is learnt from."""
        log = self.learnt
        order = np.argsort(log.users, kind="stable")
        columns = [column[order].tolist() for column in (log.times, log.weights, log.positive, log.ratings)]
        events = list(zip(log.item_ids.ids(log.items[order]), *columns, strict=True))
        bounds = np.searchsorted(log.users[order], np.arange(len(log.user_ids) + 1)).tolist()
        for name, (start, stop) in zip(log.user_ids, pairwise(bounds), strict=True):
            if stop > start:
                yield repr(("learnt", name, events[start:stop]))

    def _case_lines(self) -> Iterator[str]:
        """Yield one line a case."""
        given = self.histories
        history = list(zip(self.item_ids.ids(given.items), given.times.tolist(), given.weights.tolist(), strict=True))
        seen = self.item_ids.ids(self.seen.items)
        targets = list(zip(self.item_ids.ids(self.targets), self.ratings.tolist(), strict=True))
        names = self.user_ids.ids(self.users)
        bounds = (self.histories.offsets, self.seen.offsets, self.target_offsets)
        for case, (mine, left_out, wanted) in enumerate(zip(*(pairwise(b.tolist()) for b in bounds), strict=True)):
            groups = sorted(group for group, inside in self.groups.items() if inside[case])
            out = sorted(set(seen[slice(*left_out)]))
            yield repr(("judged", names[case], groups, history[slice(*mine)], out, targets[slice(*wanted)]))
