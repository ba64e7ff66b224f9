"""The parts of a score before they are weighed."""

import numpy as np

from ranker.interactions import Floats, Rows
from ranker.item_weights import ItemWeights
from ranker.sides import ItemSide, UserSide


def raw_parts(users: UserSide, items: ItemSide, candidates: Rows, vectors: Floats, item_weights: ItemWeights) -> Floats:
    """Return the parts (m, c, parts) of `candidates` (m, c), in the order of `ranker.combination.PARTS`.

    cf and cold are u^T V v, the one for items that were met, the other for those that content predicts; items is
    the sum of item weights over the history; content the inner product of profile and `vectors` (m or 1, c, D).
    """
    rows = np.maximum(candidates, 0)
    cf = np.matmul(items.factors[rows], users.factors[:, :, None])[:, :, 0]
    met = items.met[rows]
    together = item_weights.score(users.places, users.strengths, np.where(candidates >= 0, items.places[rows], -1))
    content = np.matmul(vectors, users.profiles.vectors[:, :, None])[:, :, 0]
    return np.stack([cf * met, together, content, cf * ~met, items.popularity[rows]], axis=2).astype(np.float32)
