"""Hits: chosen from scores, padded, ordered and merged."""

import numpy as np

from index.vector_index import Hits, Mask, Rows, Vectors


def no_hits(queries: int, limit: int) -> Hits:
    """Return `limit` times "no hit" for each of `queries` queries."""
    rows = np.full((queries, limit), -1, dtype=np.int64)
    return Hits(rows=rows, scores=np.full((queries, limit), -np.inf, dtype=np.float32))


def best_hits(scores: Vectors, limit: int) -> Hits:
    """Return the `limit` best columns of each row of `scores` (m, n); a score of -inf is never a hit.

    Exact also at the edge: of equal scores the lower columns are taken.
    """
    queries, count = scores.shape
    if count > limit:
        edge = np.partition(scores, count - limit, axis=1)[:, count - limit, None]
        above = scores > edge
        level = scores == edge
        room = limit - np.count_nonzero(above, axis=1, keepdims=True)
        chosen = above | (level & (np.cumsum(level, axis=1) <= room))
        found = Hits(np.nonzero(chosen)[1].reshape(queries, limit), scores[chosen].reshape(queries, limit))
        found = taken(found, np.argsort(-found.scores, axis=1, kind="stable"))
    else:
        rows = np.argsort(-scores, axis=1, kind="stable")
        found = Hits(rows, np.take_along_axis(scores, rows, axis=1))
    return padded(found.rows, found.scores, limit)


def padded(rows: Rows, scores: Vectors, limit: int) -> Hits:
    """Widen `rows` and `scores` (m, k <= limit) to `limit` columns; both sides of a "no hit" agree."""
    nothing = (rows < 0) | (scores == -np.inf)
    if nothing.any():
        rows = np.where(nothing, -1, rows)
        scores = np.where(nothing, np.float32(-np.inf), scores)
    queries, width = rows.shape
    if width == limit:
        return Hits(rows=rows, scores=scores)
    wide = no_hits(queries, limit)
    wide.rows[:, :width], wide.scores[:, :width] = rows, scores
    return wide


def ties_by_row(hits: Hits) -> Hits:
    """Return `hits`, whose scores already descend, with equal scores in the order of rows."""
    if not (hits.scores[:, 1:] == hits.scores[:, :-1]).any():
        return hits
    order = np.lexsort((hits.rows, -hits.scores), axis=1)
    return taken(hits, order)


def taken(hits: Hits, columns: Rows) -> Hits:
    """Return the hits of each query at `columns` (m, k)."""
    rows = np.take_along_axis(hits.rows, columns, axis=1)
    return Hits(rows=rows, scores=np.take_along_axis(hits.scores, columns, axis=1))


def first(hits: Hits, limit: int) -> Hits:
    """Return the first `limit` of `hits`."""
    return Hits(rows=hits.rows[:, :limit], scores=hits.scores[:, :limit])


def kept(hits: Hits, allowed: Mask, limit: int) -> Hits:
    """Return the first `limit` of the allowed among `hits`, of which there are at least `limit`.

    `allowed` (n,) covers every row of the index.
    """
    chosen = allowed[hits.rows] & (hits.rows >= 0)
    if chosen[:, :limit].all():
        return first(hits, limit)
    found = Hits(np.where(chosen, hits.rows, -1), np.where(chosen, hits.scores, np.float32(-np.inf)))
    return taken(found, np.argsort(~chosen, axis=1, kind="stable")[:, :limit])


def replaced(hits: Hits, queries: Rows, others: Hits) -> Hits:
    """Return `hits` with those of `queries` (k,) taken from `others`, which answers only these."""
    rows, scores = hits.rows.copy(), hits.scores.copy()
    rows[queries], scores[queries] = others.rows, others.scores
    return Hits(rows=rows, scores=scores)


def merged(first: Hits, second: Hits, limit: int) -> Hits:
    """Return the `limit` best of two answers; the rows of `second` are all above those of `first`."""
    rows = np.concatenate((first.rows, second.rows), axis=1)
    scores = np.concatenate((first.scores, second.scores), axis=1)
    # A stable sort keeps the rows of equal scores ascending: they were so in each answer, and so are the two.
    order = np.argsort(-scores, axis=1, kind="stable")[:, :limit]
    return taken(Hits(rows=rows, scores=scores), order)
