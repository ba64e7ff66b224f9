"""Nearest: a fused query in, the best items out; what search, similar, cold-start and profile share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embedders.fused_query import FusedQuery, StrandScores
from index.hits import best_hits
from index.vector_index import Mask, Rows, Vectors
from plait.lexical_files import LEXICAL
from plait.moment import Moment
from plait.ranking import RankedItem
from plait.selection import Selection
from plait.stages import stage

EXACT_ROWS = 4_000
"""Up to this many eligible items all are scored; beyond, the index finds candidates."""
CANDIDATES = 200
"""How many candidates a source gives at least: re-scoring reorders them."""
WIDENING = 4
"""And at least this many times the ranks wanted."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of m queries, "" for none, and what full evidence in them adds to an item's score."""

    texts: Sequence[str]
    weight: float

    @stage("search")
    def scores(self, moment: Moment, place: int) -> NDArray[np.float32]:
        """Return what each row (row_count,) gets for the words of the query at `place`."""
        if not self.weight or not self.texts[place]:
            return np.zeros(moment.index.row_count, dtype=np.float32)
        scores: NDArray[np.float32] = np.float32(self.weight) * moment.lexical.scores([self.texts[place]])[0]
        return scores


class Added(Protocol):
    """One part more of the scores of m queries; `name` is the part's."""

    @property
    def name(self) -> str:
        """The part's name."""
        ...

    def of(self, place: int, rows: Rows, vectors: Vectors) -> NDArray[np.float64]:
        """Return what items at `rows` (c,) with `vectors` (c, D) get in the answer to the query at `place`."""
        ...


def nearest_items(
    moment: Moment,
    query: FusedQuery,
    selection: Selection,
    *,
    excluded: Sequence[Rows] | None = None,
    words: Words | None = None,
    added: Added | None = None,
) -> list[tuple[RankedItem, ...]]:
    """Return the ranked items of each of m queries, re-scored exactly, best first, equal scores by row.

    Items that have nothing of what is asked come last. `excluded` (m arrays of rows) are left out of each query's
    answer. With `words` what they add is one part more; so is `added`, for items that have something of what is asked.
    """
    nothing = np.empty(0, dtype=np.int64)
    excluded = excluded if excluded is not None else [nothing] * len(query)
    allowed = moment.eligible(selection)
    widest = max((len(rows) for rows in excluded), default=0)
    more = (*((LEXICAL,) if words is not None else ()), *((added.name,) if added is not None else ()))
    names = [*moment.fusion.strands, *more]
    answers = []
    depth = selection.depth + widest
    for place, rows in enumerate(_candidates(moment, query, depth, allowed)):
        said = None if words is None else words.scores(moment, place)
        if said is not None:
            rows = np.union1d(rows, _most_said(said, _wanted(depth), allowed))
        if len(excluded[place]):
            rows = without(rows, excluded[place], moment.index.row_count)
        scored = _scored(moment, query, place, rows, None if said is None else said[rows], added).uncompared_last()
        scores, parts = scored.scores[0], scored.parts[0]
        with stage("rank"):
            order = np.lexsort((~scored.compared[0], -scores))[selection.offset : selection.depth]
            named = [dict(zip(names, values, strict=True)) for values in parts[order].tolist()]
            answers.append(moment.ranked(rows[order], scores[order], named, selection.offset))
    return answers


def incomparable(items: Sequence[RankedItem]) -> tuple[str, ...]:
    """Return the note for an answer in which no item has anything of what is asked, no note for another."""
    if not items or any(value for item in items for value in item.parts.values()):
        return ()
    return ("these items have nothing that the query can be compared with: their order says nothing",)


@stage("score")
def _scored(
    moment: Moment, query: FusedQuery, place: int, rows: Rows, said: NDArray[np.float32] | None, added: Added | None
) -> StrandScores:
    """Return the exact scores of the items at `rows` (c,) for one query; `said` (c,) is what its words add."""
    vectors = moment.index.vectors(rows)
    scored = query[place : place + 1].rescore(vectors[None])
    if said is not None:
        scored = _with_part(scored, said, scored.compared | (said > 0.0))
    if added is not None:
        scored = _with_part(scored, added.of(place, rows, vectors) * scored.compared[0], scored.compared)
    return scored


def _with_part(scored: StrandScores, added: NDArray[np.floating], compared: Mask) -> StrandScores:
    """Return the scores of one query with what is `added` (c,) as one part more."""
    values = added.astype(np.float64)[None]
    parts = np.concatenate((scored.parts, values[:, :, None]), axis=2)
    return StrandScores(parts, scored.scores + values, compared)


def without(rows: Rows, others: Rows, count: int) -> Rows:
    """Return `rows` that are not among `others`; all are below `count`, and an other of -1 is no row."""
    left_out = np.zeros(count + 1, dtype=np.bool_)
    left_out[others] = True
    return rows[~left_out[rows]]


def _wanted(depth: int) -> int:
    """Return how many candidates a source gives."""
    return max(CANDIDATES, WIDENING * depth)


def _most_said(said: NDArray[np.float32], wanted: int, allowed: Mask | None) -> Rows:
    """Return the `wanted` rows that get most for the words of a query; none that gets nothing."""
    rows = np.flatnonzero(said > 0 if allowed is None else (said > 0) & allowed)
    if len(rows) <= wanted:
        return rows
    best: Rows = rows[best_hits(said[rows][None], wanted).rows[0]]
    return best


@stage("search")
def _candidates(moment: Moment, query: FusedQuery, depth: int, allowed: Mask | None) -> list[Rows]:
    """Return for each query the rows to be scored, ascending."""
    index = moment.index
    count = len(index) if allowed is None else int(np.count_nonzero(allowed))
    wanted = _wanted(depth)
    if count <= max(EXACT_ROWS, wanted):
        return [np.flatnonzero(index.alive if allowed is None else allowed)] * len(query)
    parts = query.by_strand()
    searches = [query.vectors, *(parts if len(parts) > 1 else [])]
    found = [index.search(vectors, wanted, allowed=allowed).rows for vectors in searches]
    together = np.concatenate(found, axis=1) if len(found) > 1 else found[0]
    return [np.unique(rows[rows >= 0]) for rows in together]
