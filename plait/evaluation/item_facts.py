"""ItemFacts: what is known of the items when lists of them are judged, beyond who liked what."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from index.vector_index import Mask, Rows
from plait.evaluation.salted import Ties
from ranker.interactions import Floats, Interactions

Counts = NDArray[np.int64]
Categories = csr_array[np.float64, tuple[int, int]]
"""(items, categories) 1 where an item belongs to a category."""


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """n items as those know them who learnt.

    `met_by` (n,) counts the users of the training data who met an item, of `user_count` who met any; `by_popularity`
    (e,) are the rows of the items that may be ranked, the most met first, ties by salted hash;
    `vectors` (n, D) their contents, zero rows where there is none, or None; `categories` (n, categories), or None.
    """

    met_by: Counts
    user_count: int
    by_popularity: Rows
    vectors: Floats | None
    categories: Categories | None


def item_facts(
    train: Interactions, ties: Ties, *, vectors: Floats | None = None, categories: Sequence[Sequence[str]] = (),
    eligible: Mask | None = None,
) -> ItemFacts:  # fmt: skip
    """Return the facts of `train.item_count` items.

    `ties` (n,) order items met equally often; `categories` (n,) name those of each item, none at all where the
    catalogue has none; `eligible` (n,) are the items that may be ranked, all of them by default.
    """
    pairs = np.unique(train.users * train.item_count + train.items)
    met = np.bincount(pairs % max(train.item_count, 1), minlength=train.item_count)
    order = np.lexsort((ties, -met))
    return ItemFacts(
        met_by=met,
        user_count=len(np.unique(train.users)),
        by_popularity=order if eligible is None else order[eligible[order]],
        vectors=vectors,
        categories=_matrix(categories) if any(categories) else None,
    )


def popular_unmet(facts: ItemFacts, met: Mask, limit: int) -> Rows:
    """Return (m, limit) the most popular items each user has not `met` (m, n): a list anybody could have guessed.

    -1 where no more are left.
    """
    order = facts.by_popularity[: limit + int(met.sum(axis=1).max(initial=0))]
    free = ~met[:, order]
    places = np.cumsum(free, axis=1) - 1
    users, columns = np.nonzero(free & (places < limit))
    found = np.full((len(met), limit), -1, dtype=np.int64)
    found[users, places[users, columns]] = order[columns]
    return found


def _matrix(categories: Sequence[Sequence[str]]) -> Categories:
    names = {name: place for place, name in enumerate(sorted({name for each in categories for name in each}))}
    each = [sorted({names[name] for name in own}) for own in categories]
    offsets = np.concatenate(([0], np.cumsum([len(own) for own in each])))
    columns = np.asarray([place for own in each for place in own], dtype=np.int64)
    return csr_array((np.ones(len(columns)), columns, offsets), shape=(len(categories), len(names)))
