"""Arrange: candidates scored, and put into lists as the rules say."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embedders.encoder import Vectors
from index.vector_index import Rows
from plait.config import DiversityMethod
from plait.flows.nearest import WIDENING
from plait.flows.objectives import objective_of
from plait.flows.recipients import Recipients
from plait.item_values import column_of, values_of
from plait.list_rules import ListRules
from plait.live import Moment
from plait.selection import Selection
from ranker.caps import Cap
from ranker.diversity import chosen_list

POOL = 200
"""How many of the best candidates a diverse list is chosen from; those behind follow by score. It does not depend on
how many are asked for, so that pages are parts of one list."""


@dataclass(frozen=True, slots=True)
class Arranged:
    """Items of m lists as places of them, -1 where there is none.

    `rows` (m, p), `logits` (m, p), and `parts` (m, p, parts) that sum to them; `eligible` (m,) is how many items the
    lists were chosen from: all there are, where a list ends early.
    """

    rows: Rows
    logits: NDArray[np.float64]
    parts: NDArray[np.float64]
    eligible: Rows

    def at(self, places: Rows) -> "Arranged":
        """Return the items at `places` (m, q), -1 for none."""
        there = np.maximum(places, 0)
        rows = np.where(places >= 0, np.take_along_axis(self.rows, there, axis=1), -1)
        logits = np.take_along_axis(self.logits, there, axis=1)
        return replace(self, rows=rows, logits=logits, parts=np.take_along_axis(self.parts, there[:, :, None], axis=1))


def arranged(moment: Moment, users: Recipients, selection: Selection, rules: ListRules, seen: list[Rows]) -> Arranged:
    """Return the lists for `users`, each at most `selection.depth` long. Raises WrongCall for an unknown attribute."""
    settings = moment.live.workspace.config.recommend
    diversity = settings.diversity if rules.diversity is None else rules.diversity
    allowed = moment.eligible(selection)
    if not diversity and not rules.caps:
        rows = users.candidates(moment, selection.depth, allowed, seen)
        return _scored(moment, users, rows, moment.index.vectors(np.maximum(rows, 0)), selection.depth)
    for name, _ in rules.caps:
        column_of(moment.live.table(moment.index), name)
    # Each source then gives POOL items, as it does for a short plain list.
    rows = users.candidates(moment, POOL // WIDENING, allowed, seen)
    ranked = _scored(moment, users, rows, moment.index.vectors(np.maximum(rows, 0)))
    method = settings.diversity_method
    pools = np.minimum(ranked.eligible, POOL)
    places = _lists(moment, users, ranked, pools, rules, diversity, method, selection.depth)
    living = np.flatnonzero(moment.index.alive if allowed is None else allowed)
    eligible = np.asarray([len(living) - np.isin(living, mine).sum() for mine in seen], dtype=np.int64)
    lengths = (places >= 0).sum(axis=1)
    if ((lengths < selection.depth) & (ranked.eligible < eligible)).any():
        ranked = _with_rest(moment, users, ranked, living, seen)
        places = _lists(moment, users, ranked, pools, rules, diversity, method, selection.depth)
    return ranked.at(places)


def shortage(lists: Arranged, place: int, selection: Selection, rules: ListRules) -> tuple[str, ...]:
    """Return the note for a list that the caps have cut short, none for another."""
    length = int((lists.rows[place] >= 0).sum())
    if not rules.caps or length >= min(selection.depth, int(lists.eligible[place])):
        return ()
    caps = ", ".join(f"{name}={limit}" for name, limit in rules.caps)
    return (f"at most so many items a value, {caps}, leaves {length} of the {selection.depth} items asked for",)


def _scored(moment: Moment, users: Recipients, rows: Rows, vectors: Vectors, depth: int | None = None) -> Arranged:
    """Return candidates (m, c) best first, those of -1 last; the first `depth` of them, all by default."""
    scored = users.score(moment, rows, vectors)
    order = np.argsort(-np.where(rows >= 0, scored.logits, -np.inf), axis=1, kind="stable")
    return Arranged(rows, scored.logits, scored.parts, (rows >= 0).sum(axis=1)).at(order[:, :depth])


def _with_rest(moment: Moment, users: Recipients, first: Arranged, living: Rows, seen: list[Rows]) -> Arranged:
    """Return candidates followed by all other living items that were not seen, so that a list goes on as it began."""
    rest = np.tile(living, (len(users), 1))
    for mine, ahead, theirs in zip(rest, first.rows, seen, strict=True):
        mine[np.isin(mine, ahead) | np.isin(mine, theirs)] = -1
    # All users have the same items here: their vectors are gathered once.
    behind = _scored(moment, users, rest, moment.index.vectors(living)[None])
    return Arranged(
        np.concatenate([first.rows, behind.rows], axis=1),
        np.concatenate([first.logits, behind.logits], axis=1),
        np.concatenate([first.parts, behind.parts], axis=1),
        first.eligible + behind.eligible,
    )


def _lists(
    moment: Moment, users: Recipients, ranked: Arranged, pools: Rows, rules: ListRules, diversity: float,
    method: DiversityMethod, depth: int,
) -> Rows:  # fmt: skip
    """Return (m, up to depth) places of candidates (m, c) that stand best first, -1 behind the end of a list.

    Of each user the first `pools` (m,) are those that a diverse list is chosen from.
    """
    lists = np.full((len(users), min(depth, ranked.rows.shape[1])), -1, dtype=np.int64)
    for place, rows in enumerate(ranked.rows):
        there = np.flatnonzero(rows >= 0)
        pool = there[: pools[place]]
        objective = None
        if diversity:
            logits = ranked.logits[place, pool]
            objective = objective_of(moment, users.recent, place, rows[pool], logits, diversity, method)
        chosen = there[chosen_list(len(there), depth, _caps(moment, rows[there], rules), objective)]
        lists[place, : len(chosen)] = chosen
    return lists


def _caps(moment: Moment, rows: Rows, rules: ListRules) -> list[Cap]:
    table = moment.live.table(moment.index)
    return [Cap(limit, *values_of(column_of(table, name), rows)) for name, limit in rules.caps]
