"""Models: a trained ranker with the names of its rows, and how it lies on disk."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import IdMap
from index.vector_index import VectorIndex
from plait.arrays_file import mapped_arrays, write_arrays
from plait.attributes import AttributeType
from plait.errors import BadData
from plait.features import AttributeFeatures
from plait.history import interactions_of
from plait.snapshot import Snapshot
from plait.user_features import UserFeatures
from plait.workspace import Workspace
from ranker.attention import Attention
from ranker.cold_items import ColdItems
from ranker.combination import Combination
from ranker.fit import untrained
from ranker.item_weights import ItemWeights
from ranker.new_users import NewUsers
from ranker.rank import Ranker, RankerSettings
from ranker.rating import RatingModel
from ranker.sequence import SequenceModel
from ranker.sides import ItemSide, nothing_online

ARRAYS = "ranker.safetensors"
NAMES = "names.json"
FORMAT = 4
"""Of these files; models of another are not read, and `train` makes them anew."""
TRAINED = tuple(field.name for field in fields(ItemSide) if field.name != "online")
"""What is written of the item side; what is learnt online has files of its own."""
TRAINED_AS = "trained_as"
"""In the manifest: the number under which models were trained that an erasure has given another one."""
SEQUENCE, NEW_USERS, COLD = "sequence.", "new_users.", "cold."


@dataclass(frozen=True, slots=True)
class Models:
    """What `train` learns.

    The ranker's item rows have `item_ids`; `features` say how attributes of `types` become numbers, `users` those of
    users; rows of users, those of relations and of the model of ratings, have `user_ids`.
    """

    ranker: Ranker
    item_ids: IdMap
    features: AttributeFeatures
    types: Mapping[str, AttributeType]
    ratings: RatingModel | None = None
    user_ids: IdMap = field(default_factory=lambda: IdMap(()))
    users: UserFeatures = field(default_factory=UserFeatures)

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
        **{f"items.{name}": getattr(ranker.items, name) for name in TRAINED},
        "gram": ranker.gram,
        "weights.rows": ranker.item_weights.rows,
        "weights.weights": ranker.item_weights.weights,
        "combination": ranker.combination.knots,
    }
    for prefix, part in ((SEQUENCE, ranker.sequence), (NEW_USERS, ranker.new_users), (COLD, ranker.cold)):
        if part is not None:
            arrays |= {prefix + name: array for name, array in part.to_arrays().items()}
    attention = asdict(ranker.attention)
    arrays |= {f"attention.{name}": attention.pop(name) for name in ("query", "key")}
    ratings = models.ratings
    if ratings is not None:
        arrays |= {"ratings.users": ratings.users, "ratings.items": ratings.items}
    names = {
        "format": FORMAT,
        "item_ids": list(models.item_ids),
        "user_ids": list(models.user_ids),
        "features": models.features.to_json(),
        "types": dict(models.types),
        "settings": asdict(ranker.settings),
        "time_constant": ranker.time_constant,
        "bias": ranker.combination.bias,
        "sequence": None if ranker.sequence is None else ranker.sequence.settings_json(),
        "attention": attention,
        "users": models.users.to_json(),
        "ratings": None if ratings is None else [ratings.mean, ratings.low, ratings.high],
    }
    write_arrays(folder / ARRAYS, arrays)
    (folder / NAMES).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")


def trained_as(found: Snapshot) -> int:
    """Return the number under which models were trained: what is learnt online belongs to a training."""
    return int(found.details.get(TRAINED_AS, found.number))


def has_known_format(folder: Path) -> bool:
    """Return whether the models in `folder` have the format that `read_models` reads; broken files are its to name."""
    return format_in(folder) == FORMAT


def format_in(folder: Path) -> int:
    """Return the format of the models in `folder`, 0 before there were numbers, FORMAT where it cannot be read."""
    try:
        found = json.loads((folder / NAMES).read_text(encoding="utf-8"))["format"]
    except KeyError:
        return 0
    except (OSError, ValueError, TypeError):
        return FORMAT
    return found if isinstance(found, int) else 0


def user_ids_in(folder: Path) -> list[str] | None:
    """Return the users that the models in `folder` know, whatever their format; None where that cannot be read."""
    try:
        return [str(user_id) for user_id in json.loads((folder / NAMES).read_text(encoding="utf-8"))["user_ids"]]
    except (OSError, KeyError, ValueError, TypeError):
        return None


def read_models(folder: Path) -> Models:
    """Read the models in `folder`. Raises BadData for broken files."""
    # Mapped: workers share what the trained items and users take.
    arrays = mapped_arrays(folder / ARRAYS)
    try:
        names = json.loads((folder / NAMES).read_text(encoding="utf-8"))
        return Models(
            _ranker(arrays, names),
            IdMap(names["item_ids"]),
            AttributeFeatures.from_json(names["features"]),
            {name: AttributeType(kind) for name, kind in names["types"].items()},
            _ratings(arrays, names["ratings"]),
            IdMap(names["user_ids"]),
            UserFeatures.from_json(names["users"]),
        )
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise BadData(f"{folder / NAMES} cannot be read: {error}") from error


def _ranker(arrays: Mapping[str, NDArray[Any]], names: Mapping[str, Any]) -> Ranker:
    new_users, cold = _those(arrays, NEW_USERS), _those(arrays, COLD)
    return Ranker(
        RankerSettings(**names["settings"]),
        ItemSide(**_those(arrays, "items."), online=nothing_online(len(arrays["items.rows"]))),
        arrays["gram"],
        ItemWeights(arrays["weights.rows"], arrays["weights.weights"]),
        _sequence(arrays, names["sequence"]),
        NewUsers.from_arrays(new_users) if new_users else None,
        ColdItems.from_arrays(cold) if cold else None,
        names["time_constant"],
        Attention(**names["attention"], query=arrays["attention.query"], key=arrays["attention.key"]),
        Combination(arrays["combination"], names["bias"]),
    )


def _those(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _sequence(arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any] | None) -> SequenceModel | None:
    if settings is None:
        return None
    return SequenceModel.from_arrays(settings, _those(arrays, SEQUENCE))


def _ratings(arrays: Mapping[str, NDArray[Any]], scale: list[float] | None) -> RatingModel | None:
    if scale is None:
        return None
    mean, low, high = scale
    users, items = (np.asarray(arrays[f"ratings.{side}"]) for side in ("users", "items"))
    return RatingModel(mean, users, items, low, high)
