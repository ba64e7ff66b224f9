"""Items for peers that read content: two clouds, even ones and odd ones, in vectors and in words."""

import numpy as np

from embedders.items import Strand
from index import IdMap
from plait.evaluation.disguise import Disguise
from plait.evaluation.peers.materials import Materials
from plait.flows.train import TrainingItems
from ranker.item_features import ItemFeatures


def clouds(count: int = 16) -> TrainingItems:
    """Return items that lie in two clouds, even ones and odd ones."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(scale=0.3, size=(count, 6)).astype(np.float32)
    vectors[np.arange(count), np.arange(count) % 2] += 1.0
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    features = ItemFeatures({str(Strand.TEXT): vectors}, np.zeros((count, 0), dtype=np.float32))
    return TrainingItems(IdMap([f"item-{row}" for row in range(count)]), vectors, features)


def texts(count: int = 16) -> list[str]:
    """Return a text for each, even ones of the sea and odd ones of the hills."""
    words = (("sea", "ship", "harbour", "sailor"), ("hill", "goat", "meadow", "shepherd"))
    return [f"the {words[row % 2][row // 2 % 4]} of the {words[row % 2][row // 4 % 4]}" for row in range(count)]


def disguised(disguise: Disguise) -> Materials:
    """Return the items and their texts in disguise."""
    return Materials(clouds(), texts(), [()] * 16).disguised(disguise)
