"""The parts of a score before they are weighed."""

import numpy as np

from ranker.combination import PARTS
from ranker.interactions import Floats, Rows
from ranker.item_weights import ItemWeights
from ranker.sides import ItemSide, UserSide, unit_factors

CF, POPULARITY = PARTS.index("cf"), PARTS.index("popularity")


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


def learnt_online(online: Floats, factors: Floats) -> tuple[Floats, Floats]:
    """Return (m, c) what was learnt of candidates with `online` (m or 1, c, 1 + k), for users of `factors` (m, k).

    First a bias, which is a matter of how popular an item is now; then u^T d, u the unit factors of a user and d what
    is added to those of an item, which is a matter of CF. Neither is weighed.
    """
    shape = (len(factors), online.shape[1])
    bias = np.broadcast_to(online[:, :, 0], shape)
    if online.shape[2] == 1:
        return bias, np.zeros(shape, dtype=np.float32)
    return bias, _inner(online[:, :, 1:], unit_factors(factors))


def _inner(items: Floats, users: Floats) -> Floats:
    """Return (m, c) inner products of candidates (m, c, k) with users (m, k)."""
    return np.asarray(np.matmul(items, users[:, :, None])[:, :, 0])
