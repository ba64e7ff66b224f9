"""Models: a trained ranker with the names of its rows, and how it lies on disk."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import IdMap
from index.vector_index import VectorIndex
from plait.arrays_file import read_arrays, write_arrays
from plait.attributes import AttributeType
from plait.errors import BadData
from plait.features import AttributeFeatures
from plait.history import interactions_of
from plait.workspace import Workspace
from ranker.cold import ContentMap
from ranker.combination import Combination
from ranker.fit import untrained
from ranker.item_weights import ItemWeights
from ranker.rank import Ranker, RankerSettings
from ranker.rating import RatingModel
from ranker.sides import ItemSide

ARRAYS = "ranker.safetensors"
NAMES = "names.json"


@dataclass(frozen=True, slots=True)
class Models:
    """What `train` learns.

    The ranker's item rows have `item_ids`; `features` say how attributes of `types` become numbers; where the log
    has ratings, their model's user rows have `user_ids`.
    """

    ranker: Ranker
    item_ids: IdMap
    features: AttributeFeatures
    types: Mapping[str, AttributeType]
    ratings: RatingModel | None = None
    user_ids: IdMap = field(default_factory=lambda: IdMap(()))

    def cf_index(self, items: ItemSide) -> VectorIndex | None:
        """Return an index over CF factors by the rows of `items`; None where they are few enough to score all."""
        from plait.assembly import build_candidate_index
        from plait.flows.nearest import EXACT_ROWS

        return build_candidate_index(items.factors) if len(items) > EXACT_ROWS else None


def untrained_models(workspace: Workspace) -> Models:
    """Return what answers before any training: content, and popularity by the events so far."""
    item_ids = IdMap(workspace.store.item_ids())
    interactions, _ = interactions_of(workspace, item_ids)
    return Models(untrained(interactions), item_ids, AttributeFeatures((), (), ()), {})


def write_models(folder: Path, models: Models) -> None:
    """Write the models into `folder`."""
    ranker = models.ranker
    arrays: dict[str, NDArray[Any]] = {
        "items.factors": ranker.items.factors,
        "items.met": ranker.items.met,
        "items.popularity": ranker.items.popularity,
        "items.places": ranker.items.places,
        "gram": ranker.gram,
        "content.dual": ranker.content.dual,
        "content.mean": ranker.content.mean,
        "weights.rows": ranker.item_weights.rows,
        "weights.weights": ranker.item_weights.weights,
        "combination.short": ranker.combination.short,
        "combination.long": ranker.combination.long,
    }
    arrays |= {f"content.anchors.{place}": anchors for place, anchors in enumerate(ranker.content.anchors)}
    ratings = models.ratings
    if ratings is not None:
        arrays |= {"ratings.users": ratings.users, "ratings.items": ratings.items}
    names = {
        "item_ids": list(models.item_ids),
        "user_ids": list(models.user_ids),
        "features": models.features.to_json(),
        "types": dict(models.types),
        "settings": asdict(ranker.settings),
        "time_constant": ranker.time_constant,
        "bias": ranker.combination.bias,
        "strands": ranker.content.strands,
        "anchors": len(ranker.content.anchors),
        "ratings": None if ratings is None else [ratings.mean, ratings.low, ratings.high],
    }
    write_arrays(folder / ARRAYS, arrays)
    (folder / NAMES).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")


def read_models(folder: Path) -> Models:
    """Read the models in `folder`. Raises BadData for broken files."""
    arrays = read_arrays(folder / ARRAYS)
    try:
        names = json.loads((folder / NAMES).read_text(encoding="utf-8"))
        return Models(
            _ranker(arrays, names),
            IdMap(names["item_ids"]),
            AttributeFeatures.from_json(names["features"]),
            {name: AttributeType(kind) for name, kind in names["types"].items()},
            _ratings(arrays, names["ratings"]),
            IdMap(names["user_ids"]),
        )
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise BadData(f"{folder / NAMES} cannot be read: {error}") from error


def _ranker(arrays: Mapping[str, NDArray[Any]], names: Mapping[str, Any]) -> Ranker:
    anchors = tuple(arrays[f"content.anchors.{place}"] for place in range(names["anchors"]))
    return Ranker(
        RankerSettings(**names["settings"]),
        ItemSide(*(arrays[f"items.{part}"] for part in ("factors", "met", "popularity", "places"))),
        arrays["gram"],
        ContentMap(tuple(names["strands"]), anchors, arrays["content.dual"], arrays["content.mean"]),
        ItemWeights(arrays["weights.rows"], arrays["weights.weights"]),
        names["time_constant"],
        Combination(arrays["combination.short"], arrays["combination.long"], names["bias"]),
    )


def _ratings(arrays: Mapping[str, NDArray[Any]], scale: list[float] | None) -> RatingModel | None:
    if scale is None:
        return None
    mean, low, high = scale
    users, items = (np.asarray(arrays[f"ratings.{side}"]) for side in ("users", "items"))
    return RatingModel(mean, users, items, low, high)
