"""Sources: where candidates come from; each says some items for each user, and knows nothing of the others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from index.vector_index import Hits, Mask, Rows, VectorIndex, Vectors
from ranker.followers import followers
from ranker.interests import find_interests
from ranker.item_weights import ItemWeights
from ranker.sides import ItemSide, UserSide

INTERESTS = 3
"""Interests that each have a query of their own; they share the candidates of one source."""

Nearest = Callable[[Vectors, int, Mask | None], Hits]
"""Finds the nearest allowed rows of queries."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What sources look into: `nearest` by content, `factors` by CF (None for none), and n items by row.

    `popular` rows, the most popular first; `newest` rows, in any order; `begun` rows of items that the models have not
    met and that have had their first events since.
    """

    nearest: Nearest
    factors: VectorIndex | None
    items: ItemSide
    item_weights: ItemWeights
    popular: Rows
    newest: Rows
    begun: Rows = field(default_factory=lambda: np.empty(0, dtype=np.int64))


Source = Callable[[Catalogue, UserSide, int, Mask | None], Rows]
"""Returns (m, wanted or fewer) rows for m users, best first, -1 padded."""


def by_profile(catalogue: Catalogue, users: UserSide, wanted: int, allowed: Mask | None) -> Rows:
    """Return the items nearest to the profile; nothing for who has none."""
    return _known(catalogue.nearest(users.profiles.vectors, wanted, allowed).rows, users)


def by_interests(catalogue: Catalogue, users: UserSide, wanted: int, allowed: Mask | None) -> Rows:
    """Return the items nearest to each interest, each interest giving an equal share of `wanted`."""
    found = find_interests(users.profiles.attention, users.history, INTERESTS)
    each = -(-wanted // INTERESTS)
    dimension = found.vectors.shape[2]
    rows = catalogue.nearest(found.vectors.reshape(-1, dimension), each, allowed).rows
    there = found.vectors.any(axis=2).reshape(-1, 1)
    # First the best of each interest, then the second ones: what is best first stays so when it is cut.
    turns = np.where(there, rows, -1).reshape(len(users), INTERESTS, each).transpose(0, 2, 1)
    return turns.reshape(len(users), -1)


def by_factors(catalogue: Catalogue, users: UserSide, wanted: int, allowed: Mask | None) -> Rows:
    """Return the best items by collaborative filtering, met ones and those that content predicts."""
    if catalogue.factors is None:
        return np.empty((len(users), 0), dtype=np.int64)
    mask = None if allowed is None else allowed[: len(catalogue.factors)]
    return _known(catalogue.factors.search(users.factors, wanted, allowed=mask).rows, users)


def by_followers(catalogue: Catalogue, users: UserSide, wanted: int, allowed: Mask | None) -> Rows:
    """Return what item weights rank first for the recent events."""
    places = catalogue.items.places
    rows = np.flatnonzero(places >= 0)
    if not len(rows):
        return np.empty((len(users), 0), dtype=np.int64)
    row_of = np.full(len(catalogue.item_weights.rows), -1, dtype=np.int64)
    row_of[places[rows]] = rows
    open_to = np.flatnonzero(row_of >= 0) if allowed is None else np.sort(places[rows[allowed[rows]]])
    found = followers(catalogue.item_weights, users.places, users.strengths, wanted, allowed=open_to)
    return np.where(found >= 0, row_of[found], -1)


def by_popularity(catalogue: Catalogue, users: UserSide, wanted: int, allowed: Mask | None) -> Rows:
    """Return the most popular items, the same for all."""
    return _shared(catalogue.popular, users, wanted, allowed)


def by_newness(catalogue: Catalogue, users: UserSide, wanted: int, allowed: Mask | None) -> Rows:
    """Return the newest items, the same for all."""
    return _shared(catalogue.newest, users, wanted, allowed)


def by_first_events(catalogue: Catalogue, users: UserSide, wanted: int, allowed: Mask | None) -> Rows:
    """Return the new items that have begun, the best by what content and first events make of them."""
    rows = catalogue.begun if allowed is None else catalogue.begun[allowed[catalogue.begun]]
    scores = users.cold @ catalogue.items.cold[rows].T
    return np.asarray(rows[np.argsort(-scores, axis=1, kind="stable")[:, :wanted]])


SOURCES: Mapping[str, Source] = {
    "profile": by_profile,
    "interests": by_interests,
    "cf": by_factors,
    "followers": by_followers,
    "popular": by_popularity,
    "newest": by_newness,
    "begun": by_first_events,
}


def _known(rows: Rows, users: UserSide) -> Rows:
    """Return `rows` of users that have a profile, -1 for the others: nothing is nearest to nothing."""
    known = np.asarray(users.profiles.vectors.any(axis=1))
    return np.where(known[:, None], rows, -1)


def _shared(rows: Rows, users: UserSide, wanted: int, allowed: Mask | None) -> Rows:
    chosen = rows[:wanted] if allowed is None else rows[allowed[rows]][:wanted]
    return np.tile(chosen, (len(users), 1))
