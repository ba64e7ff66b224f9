"""Arrange: what is done to a list, in this order.

1 eligible items · 2 left out for a user · 3 scored by the ranker · 4 adjusted by parts of the score that rules add
5 chosen as a list: diversity, caps, quota · 6 exploration · 7 pins · 8 told in notes
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embedders.encoder import Vectors
from index.vector_index import Mask, Rows
from plait.flows.nearest import WIDENING
from plait.flows.objectives import objective_of
from plait.flows.recipients import Recipients
from plait.item_values import column_of, values_of
from plait.moment import Moment
from plait.records import Interaction
from plait.rules.adjustments import NO_ADJUSTMENTS, Adjustments, adjustments
from plait.rules.freshness import fresh_items
from plait.rules.in_force import InForce
from plait.rules.left_out import LeftOut
from plait.rules.pinning import pinned
from plait.rules.reach import joined, reached
from plait.rules.telling import told
from plait.selection import Selection
from plait.stages import stage
from ranker.caps import Cap
from ranker.diversity import chosen_list
from ranker.fatigue import REST
from ranker.places import Quota, with_pins

POOL = 200
"""How many of the best candidates a diverse list is chosen from; those behind follow by score. It does not depend on
how many are asked for, so that pages are parts of one list."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Whom m lists are for: ids ("" for none), what they did, oldest first, and what is left out of each."""

    user_ids: Sequence[str]
    events: Sequence[Sequence[Interaction]]
    left_out: Sequence[LeftOut]

    @property
    def rows(self) -> list[Rows]:
        """The rows that each of them is not shown."""
        return [out.rows for out in self.left_out]


@dataclass(frozen=True, slots=True)
class Arranged:
    """Items of m lists as places of them, -1 where there is none.

    `rows` (m, p), `logits` (m, p), and `parts` (m, p, names) that sum to them; `eligible` (m,) is how many items the
    lists were chosen from: all there are, where a list ends early. `notes` are what is to be said of each;
    `fixed` (m, p) are the places that pins hold, None for none.
    """

    rows: Rows
    logits: NDArray[np.float64]
    parts: NDArray[np.float64]
    eligible: Rows
    names: tuple[str, ...]
    notes: Sequence[tuple[str, ...]] = ()
    fixed: Mask | None = None

    def at(self, places: Rows) -> "Arranged":
        """Return the items at `places` (m, q), -1 for none."""
        there = np.maximum(places, 0)
        rows = np.where(places >= 0, np.take_along_axis(self.rows, there, axis=1), -1)
        logits = np.take_along_axis(self.logits, there, axis=1)
        return replace(self, rows=rows, logits=logits, parts=np.take_along_axis(self.parts, there[:, :, None], axis=1))

    def awake(self) -> Rows:
        """Return (m,) how many items are not behind all others because they were shown too often."""
        there = self.rows >= 0
        if "fatigue" in self.names:
            there &= self.parts[:, :, self.names.index("fatigue")] > -REST
        return np.asarray(there.sum(axis=1))


def arranged(moment: Moment, users: Recipients, shown: Shown, selection: Selection, rules: InForce) -> Arranged:
    """Return the list of each user, at most `selection.depth` long, and notes on it."""
    allowed = eligible_rows(moment, selection, rules.require)
    fresh, plain = None, rules.leaves_order
    if plain:
        rows = users.candidates(moment, selection.depth, allowed, shown.rows)
        vectors = moment.index.vectors(np.maximum(rows, 0))
        lists = scored(moment, users, rows, vectors, NO_ADJUSTMENTS, selection.depth)
    else:
        if rules.fresh.items:
            fresh = fresh_items(moment, days=rules.fresh.days, at=rules.at)
        adjusted = adjustments(moment, rules, shown.user_ids, shown.events)
        lists = _ruled(moment, users, shown, selection.depth, rules, allowed, fresh, adjusted)
    if plain and lists.rows.shape[1] == selection.depth and lists.rows.min(initial=0) >= 0:
        return replace(lists, notes=[()] * len(users))
    with stage("rules"):
        notes = [
            tuple(told(moment, rules, selection, out, rows, int(eligible), fresh))
            for out, rows, eligible in zip(shown.left_out, lists.rows, lists.eligible, strict=True)
        ]
    return replace(lists, notes=notes)


def eligible_rows(moment: Moment, selection: Selection, require: str) -> Mask | None:
    """Return (row_count,) which rows a call and the workspace let in, None where all living ones may."""
    asked = moment.eligible(selection)
    if not require:
        return asked
    return moment.live.rules.passing(moment, require) & (moment.index.alive if asked is None else asked)


def _ruled(
    moment: Moment, users: Recipients, shown: Shown, depth: int, rules: InForce, allowed: Mask | None,
    fresh: Mask | None, adjusted: Adjustments,
) -> Arranged:  # fmt: skip
    """Return the list of each user where the ranker's order is not that of the list."""
    seen = shown.rows
    more = reached(moment, rules, allowed, fresh, adjusted, POOL + max(map(len, seen), default=0))
    # Each source then gives POOL items, as it does for a short plain list.
    rows = joined(users.candidates(moment, POOL // WIDENING, allowed, seen), more, seen)
    ranked = scored(moment, users, rows, moment.index.vectors(np.maximum(rows, 0)), adjusted)
    pools = np.minimum(ranked.awake(), POOL)
    places, fixed = _lists(moment, users, ranked, pools, rules, fresh, depth)
    living = np.flatnonzero(moment.index.alive if allowed is None else allowed)
    eligible = np.asarray([len(living) - np.isin(living, mine).sum() for mine in seen], dtype=np.int64)
    lengths = (places >= 0).sum(axis=1)
    if ((lengths < depth) & (ranked.eligible < eligible)).any():
        ranked = _with_rest(moment, users, ranked, living, seen, adjusted)
        places, fixed = _lists(moment, users, ranked, pools, rules, fresh, depth)
    return replace(ranked.at(places), fixed=fixed)


@stage("score")
def scored(
    moment: Moment, users: Recipients, rows: Rows, vectors: Vectors, adjusted: Adjustments, depth: int | None = None
) -> Arranged:
    """Return candidates (m, c) best first, those of -1 last; the first `depth` of them, all by default."""
    told_of = users.score(moment, rows, vectors)
    parts, logits = told_of.parts, told_of.logits
    if adjusted.names:
        added = adjusted.columns(rows)
        parts, logits = np.concatenate([parts, added], axis=2), logits + added.sum(axis=2)
    order = np.argsort(-np.where(rows >= 0, logits, -np.inf), axis=1, kind="stable")
    found = Arranged(rows, logits, parts, (rows >= 0).sum(axis=1), (*users.part_names, *adjusted.names))
    return found.at(order[:, :depth])


def _with_rest(
    moment: Moment, users: Recipients, first: Arranged, living: Rows, seen: list[Rows], adjusted: Adjustments
) -> Arranged:
    """Return candidates followed by all other living items that were not seen, so that a list goes on as it began."""
    rest = np.tile(living, (len(users), 1))
    for mine, ahead, theirs in zip(rest, first.rows, seen, strict=True):
        mine[np.isin(mine, ahead) | np.isin(mine, theirs)] = -1
    # All users have the same items here: their vectors are gathered once.
    behind = scored(moment, users, rest, moment.index.vectors(living)[None], adjusted)
    return Arranged(
        np.concatenate([first.rows, behind.rows], axis=1),
        np.concatenate([first.logits, behind.logits], axis=1),
        np.concatenate([first.parts, behind.parts], axis=1),
        first.eligible + behind.eligible,
        first.names,
    )


@stage("rank")
def _lists(
    moment: Moment, users: Recipients, ranked: Arranged, pools: Rows, rules: InForce, fresh: Mask | None, depth: int
) -> tuple[Rows, Mask]:
    """Return (m, up to depth) places of candidates (m, c) that stand best first, -1 behind the end of a list.

    Of each user the first `pools` (m,) are those that a diverse list is chosen from. Which places pins hold is returned
    besides.
    """
    lists = np.full((len(users), min(depth, ranked.rows.shape[1])), -1, dtype=np.int64)
    fixed = np.zeros(lists.shape, dtype=np.bool_)
    for place, rows in enumerate(ranked.rows):
        there = np.flatnonzero(rows >= 0)
        mine, pool = rows[there], there[: pools[place]]
        objective = None
        if rules.diversity:
            logits = ranked.logits[place, pool]
            objective = objective_of(
                moment, users.recent, place, rows[pool], logits, rules.diversity, rules.diversity_method
            )
        caps = caps_of(moment, mine, rules)
        pins = pinned(moment, rules.pins, mine, caps)
        quota = None if fresh is None else Quota(fresh[mine], rules.fresh.items, rules.fresh.of).beside(pins)
        order = chosen_list(len(there), depth, caps, objective, quota=quota, pinned=tuple(pins.values()))
        chosen = there[with_pins(order, pins, depth)]
        lists[place, : len(chosen)] = chosen
        fixed[place, : len(chosen)] = np.isin(chosen, there[list(pins.values())])
    return lists, fixed


def caps_of(moment: Moment, rows: Rows, rules: InForce) -> list[Cap]:
    """Return the caps on the items at `rows`."""
    if not rules.caps:
        return []
    table = moment.live.table(moment.index)
    return [Cap(limit, *values_of(column_of(table, name), rows)) for name, limit in rules.caps]
