"""Candidates: which items are scored for a user; several sources united."""

import numpy as np

from index.vector_index import Hits, Mask, Rows, Vectors
from plait.flows.nearest import CANDIDATES, EXACT_ROWS, WIDENING, without
from plait.flows.sources import SOURCES, Catalogue
from plait.moment import Moment
from ranker.sides import UserSide

POPULAR = 100
RECENT = 50
USED = ("profile", "interests", "cf", "followers", "popular", "newest", "begun")
"""The sources that are united, by their names."""


def candidate_rows(moment: Moment, users: UserSide, depth: int, allowed: Mask | None, seen: list[Rows]) -> Rows:
    """Return (m, c) rows that each of m users may be recommended, -1 padded; each has `depth` where there are so many.

    Few eligible items are all candidates. Of many they are what the sources in USED give; where that leaves too few,
    all again.
    """
    index = moment.index
    living = index.alive if allowed is None else allowed
    count = int(np.count_nonzero(living))
    everything = np.flatnonzero(living) if count <= EXACT_ROWS else None
    deepest = depth + max((len(rows) for rows in seen), default=0)
    found = [everything] * len(users) if everything is not None else _united(moment, users, deepest, allowed)
    chosen = []
    for rows, mine in zip(found, seen, strict=True):
        left = without(rows, mine, index.row_count)
        if len(left) < depth and len(rows) < count:
            left = without(np.flatnonzero(living), mine, index.row_count)
        chosen.append(left)
    width = max((len(rows) for rows in chosen), default=0)
    padded = np.full((len(users), width), -1, dtype=np.int64)
    for place, rows in enumerate(chosen):
        padded[place, : len(rows)] = rows
    return padded


def catalogue_of(moment: Moment) -> Catalogue:
    """Return what sources look into at a moment."""

    def nearest(queries: Vectors, limit: int, allowed: Mask | None) -> Hits:
        return moment.index.search(queries, limit, allowed=allowed)

    newest = np.arange(moment.index.row_count)[-RECENT:]
    weights = moment.models.ranker.item_weights
    return Catalogue(nearest, moment.cf_index, moment.items, weights, moment.popular, newest, moment.begun)


def _united(moment: Moment, users: UserSide, depth: int, allowed: Mask | None) -> list[Rows]:
    """Return for each user the rows that any source gives, ascending; dead ones are left out."""
    wanted = max(CANDIDATES, WIDENING * depth)
    limits = {"popular": POPULAR + depth, "newest": RECENT, "begun": RECENT}
    catalogue = catalogue_of(moment)
    found = [SOURCES[name](catalogue, users, limits.get(name, wanted), allowed) for name in USED]
    together = np.concatenate(found, axis=1)
    living = moment.index.alive if allowed is None else allowed
    chosen = []
    for rows in together:
        mine = np.zeros(moment.index.row_count, dtype=np.bool_)
        mine[rows[rows >= 0]] = True
        chosen.append(np.flatnonzero(mine[: len(living)] & living))
    return chosen
