"""Recipients: whom lists are for; each of some users, or all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Mask, Rows, Vectors
from plait.flows.candidates import candidate_rows
from plait.moment import Moment
from plait.stages import stage
from ranker.combination import TOLD_BY_HISTORY
from ranker.interactions import Floats, Recent
from ranker.rank import PART_NAMES, Scored
from ranker.sides import UserSide
from ranker.together import Strategy, opinions, together

GOES_WITH = "together"


@dataclass(frozen=True, slots=True)
class Recipients:
    """m users with a list each; with a `strategy` one list for all of them.

    `goes_with` (row_count,) is one part more of every item's score, in logits: how much it goes with a basket.
    """

    users: UserSide
    strategy: Strategy | None = None
    goes_with: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        """Return the number of lists."""
        return len(self.users) if self.strategy is None else 1

    @property
    def part_names(self) -> tuple[str, ...]:
        """The names of the parts of a score."""
        return (*PART_NAMES, *(() if self.goes_with is None else (GOES_WITH,)))

    @property
    def recent(self) -> Recent:
        """The recent entries of whom each list is for, (lists, width); those of a group one member after the other."""
        recent = self.users.recent
        if self.strategy is None:
            return recent
        return Recent(
            recent.items.reshape(1, -1), recent.weights.reshape(1, -1), recent.ages.reshape(1, -1),
            recent.used.reshape(1, -1),
        )  # fmt: skip

    @stage("search")
    def candidates(self, moment: Moment, depth: int, allowed: Mask | None, seen: list[Rows]) -> Rows:
        """Return (lists, c) rows that each list may hold, -1 padded: see `candidate_rows`; a group has its members'.

        `seen` are what each list leaves out.
        """
        if self.strategy is not None:
            members = candidate_rows(moment, self.users, depth, allowed, seen * len(self.users))
            return np.unique(members[members >= 0])[None]
        rows = candidate_rows(moment, self.users, depth, allowed, seen)
        if self.goes_with is None:
            return rows
        found = np.flatnonzero(self.goes_with)
        living = moment.index.alive if allowed is None else allowed
        found = found[living[found]]
        more = [np.union1d(mine[mine >= 0], np.setdiff1d(found, left)) for mine, left in zip(rows, seen, strict=True)]
        width = max(map(len, more))
        return np.stack([np.pad(mine, (0, width - len(mine)), constant_values=-1) for mine in more])

    def score(self, moment: Moment, rows: Rows, vectors: Vectors) -> Scored:
        """Score candidates (lists, c) with `vectors` (lists or 1, c, D)."""
        if self.strategy is None:
            scored = moment.models.ranker.score(self.users, moment.items, rows, vectors)
        else:
            scored = together(self._by_member(moment, rows, vectors), self.strategy)
        if self.goes_with is None:
            return scored
        added = np.where(rows >= 0, self.goes_with[np.maximum(rows, 0)], 0.0)
        return Scored(np.concatenate([scored.parts, added[:, :, None]], axis=2), scored.logits + added)

    def because(self, moment: Moment, rows: Rows) -> tuple[Rows, Floats]:
        """Return the recent items (lists, width) of each list, and how much each speaks for those listed.

        `rows` (lists, c) are listed, the shares (lists, c, width). Of a group each member counts as in the score, and
        an item that several of them have stands there once.
        """
        vectors = moment.index.vectors(np.maximum(rows, 0))
        if self.strategy is None:
            return self.users.recent.items, moment.models.ranker.because(self.users, vectors)
        counts = self.opinions(moment, rows)
        each = moment.models.ranker.because(self.users, np.repeat(vectors, len(self.users), axis=0))
        shares = (counts[:, :, None] * each).transpose(1, 0, 2).reshape(rows.shape[1], self.users.recent.items.size)
        items, codes = np.unique(self.users.recent.items.ravel(), return_inverse=True)
        merged = np.zeros((len(shares), len(items)), dtype=np.float32)
        np.add.at(merged.T, codes, shares.T)
        return items[None], merged[None]

    def speaks(self, moment: Moment, rows: Rows, parts: NDArray[np.float64], names: Sequence[str]) -> Mask:
        """Return (lists, c) for which items at `rows` (lists, c) a history speaks: without that it is no reason.

        It does where the parts that it tells, of `parts` (lists, c, parts) by `names`, are above 0 together. The part
        `cold` of an item that nobody has met is among them where the user's factors raise it, be it one user's of a
        group; what it gives everybody alike is of no history.
        """
        told = parts[:, :, [names.index(name) for name in (*TOLD_BY_HISTORY, GOES_WITH) if name in names]].sum(axis=2)
        cold = moment.items.cold[np.maximum(rows, 0)][:, :, :-1]
        users = self.users.cold[:, :-1]
        raised = (
            np.einsum("lck,lk->lc", cold, users) if self.strategy is None else (cold @ users.T).max(axis=2)
        ) > 0  # fmt: skip
        told += np.where(raised, parts[:, :, names.index("cold")], 0.0)
        return np.asarray(told > 0)

    def opinions(self, moment: Moment, rows: Rows) -> NDArray[np.float64]:
        """Return (members, c) how much each member of a group counts for items at `rows` (1, c)."""
        assert self.strategy is not None, "asked for of a group alone"
        scored = self._by_member(moment, rows, moment.index.vectors(np.maximum(rows, 0)))
        return opinions(scored.logits, self.strategy)

    def _by_member(self, moment: Moment, rows: Rows, vectors: Vectors) -> Scored:
        tiled = np.repeat(rows, len(self.users), axis=0)
        return moment.models.ranker.score(self.users, moment.items, tiled, vectors)
