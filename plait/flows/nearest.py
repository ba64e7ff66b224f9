"""Nearest: a fused query in, the best items out; what search, similar, cold-start and profile share."""

from collections.abc import Sequence

import numpy as np

from embedders.fused_query import FusedQuery
from index.vector_index import Mask, Rows
from plait.live import Moment
from plait.ranking import RankedItem
from plait.selection import Selection

EXACT_ROWS = 4_000
"""Up to this many eligible items all are scored; beyond, the index finds candidates."""
CANDIDATES = 200
"""How many candidates a source gives at least: re-scoring reorders them."""
WIDENING = 4
"""And at least this many times the ranks wanted."""


def nearest_items(
    moment: Moment, query: FusedQuery, selection: Selection, *, excluded: Sequence[Rows] | None = None
) -> list[tuple[RankedItem, ...]]:
    """Return the ranked items of each of m queries, re-scored exactly, best first, equal scores by row.

    `excluded` (m arrays of rows) are left out of each query's answer.
    """
    nothing = np.empty(0, dtype=np.int64)
    excluded = excluded if excluded is not None else [nothing] * len(query)
    allowed = moment.eligible(selection)
    widest = max((len(rows) for rows in excluded), default=0)
    strands = moment.fusion.strands
    answers = []
    for place, rows in enumerate(_candidates(moment, query, selection.depth + widest, allowed)):
        if len(excluded[place]):
            rows = without(rows, excluded[place], moment.index.row_count)
        scored = query[place : place + 1].rescore(moment.index.vectors(rows)[None])
        order = np.argsort(-scored.scores[0], kind="stable")[selection.offset : selection.depth]
        parts = [dict(zip(strands, values, strict=True)) for values in scored.parts[0, order].tolist()]
        answers.append(moment.ranked(rows[order], scored.scores[0, order], parts, selection.offset))
    return answers


def without(rows: Rows, others: Rows, count: int) -> Rows:
    """Return `rows` that are not among `others`; all are below `count`, and an other of -1 is no row."""
    left_out = np.zeros(count + 1, dtype=np.bool_)
    left_out[others] = True
    return rows[~left_out[rows]]


def _candidates(moment: Moment, query: FusedQuery, depth: int, allowed: Mask | None) -> list[Rows]:
    """Return for each query the rows to be scored, ascending."""
    index = moment.index
    count = len(index) if allowed is None else int(np.count_nonzero(allowed))
    wanted = max(CANDIDATES, WIDENING * depth)
    if count <= max(EXACT_ROWS, wanted):
        return [np.flatnonzero(index.alive if allowed is None else allowed)] * len(query)
    parts = query.by_strand()
    searches = [query.vectors, *(parts if len(parts) > 1 else [])]
    found = [index.search(vectors, wanted, allowed=allowed).rows for vectors in searches]
    together = np.concatenate(found, axis=1) if len(found) > 1 else found[0]
    return [np.unique(rows[rows >= 0]) for rows in together]
