"""The parts of a score before they are weighed."""

import numpy as np

from ranker.combination import PARTS
from ranker.interactions import Floats, Rows
from ranker.item_weights import ItemWeights
from ranker.sides import ItemSide, UserSide


def raw_parts(users: UserSide, items: ItemSide, candidates: Rows, vectors: Floats, item_weights: ItemWeights) -> Floats:
    """Return the parts (m, c, parts) of `candidates` (m, c), in the order of `ranker.combination.PARTS`.

    cf is u^T V v; items the sum over the history by `item_weights`; sequence what the encoder expects next; taste
    what is expected of somebody of whom little is known; friends what those they are related to add to it; content the
    inner product of profile and `vectors` (m or 1, c, D); cold what content tells of an item that nobody has met. All
    but cold and popularity are of items that were met; content is of the others too where nothing was learnt that tells
    more of them.
    """
    rows = np.maximum(candidates, 0)
    met = items.met[rows]
    places = np.where(candidates >= 0, items.places[rows], -1)
    cold = items.cold[rows]
    found = {
        "cf": _inner(items.factors[rows], users.factors) * met,
        "items": item_weights.score(users.places, users.strengths, places),
        "sequence": _inner(items.sequence[rows], users.states) * met,
        "taste": _inner(items.taste[rows], users.taste) * met,
        "friends": _inner(items.taste[rows][:, :, :-1], users.friends) * met,
        "content": _inner(vectors, users.profiles.vectors) * (met | ~cold.any(axis=2)),
        "cold": _inner(cold, users.cold) * ~met,
        "popularity": items.popularity[rows],
    }
    return np.stack([found[part] for part in PARTS], axis=2).astype(np.float32)


def _inner(items: Floats, users: Floats) -> Floats:
    """Return (m, c) inner products of candidates (m, c, k) with users (m, k)."""
    return np.asarray(np.matmul(items, users[:, :, None])[:, :, 0])
