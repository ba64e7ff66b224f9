"""Places: users and items in the order in which a log first names them, so that their rows decide no draw."""

from dataclasses import dataclass, replace

import numpy as np

from ranker.interactions import Floats, Histories, Interactions, Rows
from ranker.sequence import SequenceModel
from ranker.sequence_settings import SequenceSettings


def by_appearance(rows: Rows) -> Rows:
    """Return the distinct `rows` in the order in which they first come."""
    distinct, first = np.unique(rows, return_index=True)
    return np.asarray(distinct[np.argsort(first, kind="stable")])


def with_users_by_appearance(interactions: Interactions) -> Interactions:
    """Return the log with users numbered in the order in which they come; those who did nothing are gone."""
    known = by_appearance(interactions.users)
    places = _places(known, interactions.user_count)
    return replace(interactions, users=places[interactions.users], user_count=len(known))


@dataclass(frozen=True, slots=True)
class Met:
    """The c items that a log names, `rows` (c,), in the order in which they come, and their content (c, D).

    Content is the fused vectors less their `mean` (D,), times `scale`, so that its rows are about of length 1.
    """

    rows: Rows
    content: Floats
    mean: Floats
    scale: float

    @classmethod
    def of(cls, interactions: Interactions, vectors: Floats) -> "Met":
        """Return the items that `interactions` name, of `vectors` (n, D)."""
        rows = by_appearance(interactions.items)
        mine = np.asarray(vectors[rows], dtype=np.float32)
        mean = mine.mean(axis=0) if len(rows) else np.zeros(vectors.shape[1], dtype=np.float32)
        length = float(np.sqrt(((mine - mean) ** 2).sum(axis=1).mean())) if len(rows) else 0.0
        scale = 1.0 / length if length > 0 else 1.0
        return cls(rows, np.asarray((mine - mean) * scale, dtype=np.float32), mean, scale)

    def histories(self, interactions: Interactions) -> Histories:
        """Return what users did, with items as places among those met."""
        histories = interactions.histories()
        return replace(histories, items=_places(self.rows, interactions.item_count)[histories.items])

    def model(self, learnt: dict[str, Floats], settings: SequenceSettings, vectors: Floats) -> SequenceModel:
        """Return the model of all items of `vectors` (n, D) from the parameters of a network of those met."""
        projection = np.asarray(learnt["projection"] * np.float32(self.scale))
        factors = np.zeros((len(vectors), settings.width), dtype=np.float32)
        if len(projection):
            factors = np.asarray((vectors - self.mean) @ projection, dtype=np.float32)
        if len(learnt["table"]):
            factors[self.rows] += learnt["table"]
        met = np.zeros(len(vectors), dtype=np.bool_)
        met[self.rows] = True
        bias = np.full(len(vectors), learnt["bias"].mean(), dtype=np.float32)
        bias[self.rows] = learnt["bias"]
        apart = ("table", "projection", "bias", "hidden")
        arrays = {name: array for name, array in learnt.items() if name not in apart}
        return SequenceModel(settings, factors, bias, met, projection, self.mean, arrays)

    def parameters(self, model: SequenceModel, vectors: Floats) -> dict[str, Floats]:
        """Return what a network of those met holds where it is to be `model`, of another log of the same items.

        The inverse of `model`. Items that the other log did not name are what content tells of them; what hides an item
        is no part of a model, and missing.
        """
        projection = np.asarray(model.projection / np.float32(self.scale))
        table = np.zeros((0, model.settings.width), dtype=np.float32)
        if model.settings.embeddings != "content":
            table = model.item_factors[self.rows]
            table = table - self.content @ projection if len(projection) else table
        return {**model.arrays, "table": table, "projection": projection, "bias": model.bias[self.rows]}


def _places(rows: Rows, count: int) -> Rows:
    """Return (count,) the place of each row among `rows`, -1 for the others."""
    places = np.full(count, -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    return places
