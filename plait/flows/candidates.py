"""Candidates: which items are scored for a user; several sources united."""

import numpy as np

from index.vector_index import Mask, Rows
from plait.flows.nearest import CANDIDATES, EXACT_ROWS, WIDENING, without
from plait.live import Moment
from ranker.sides import UserSide

POPULAR = 100
RECENT = 50


def candidate_rows(moment: Moment, users: UserSide, depth: int, allowed: Mask | None, seen: list[Rows]) -> Rows:
    """Return (m, c) rows that each of m users may be recommended, -1 padded; each has `depth` where there are so many.

    Few eligible items are all candidates. Of many they are the nearest to the profile, the best by CF, the popular
    and the newest; where that leaves too few, all again.
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


def _united(moment: Moment, users: UserSide, depth: int, allowed: Mask | None) -> list[Rows]:
    index = moment.index
    wanted = max(CANDIDATES, WIDENING * depth)
    known = np.asarray(users.profiles.vectors.any(axis=1))[:, None]
    near = index.search(users.profiles.vectors, wanted, allowed=allowed).rows
    sources = [np.where(known, near, -1)]
    if moment.cf_index is not None:
        mask = None if allowed is None else allowed[: len(moment.cf_index)]
        sources.append(np.where(known, moment.cf_index.search(users.factors, CANDIDATES, allowed=mask).rows, -1))
    together = np.concatenate(sources, axis=1)
    shared = np.concatenate([moment.popular[: POPULAR + depth], np.arange(index.row_count)[-RECENT:]])
    living = index.alive if allowed is None else allowed
    chosen = []
    for rows in together:
        mine = np.zeros(index.row_count, dtype=np.bool_)
        mine[rows[rows >= 0]] = True
        mine[shared] = True
        chosen.append(np.flatnonzero(mine[: len(living)] & living))
    return chosen
