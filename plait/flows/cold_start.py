"""Cold start: what an item that nobody has met is like, and whom it suits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from embedders.items import Item, Strand
from plait.attributes import AttributeType, typed
from plait.errors import WrongCall
from plait.flows.nearest import incomparable, nearest_items
from plait.flows.recommend import Asker, askers, sigmoid, user_side
from plait.flows.search import Query, encode_as_items, encode_queries, encode_towers
from plait.item_table import ItemTable
from plait.live import Live, Moment
from plait.ranking import Ranking
from plait.raw_vectors import ranker_strands
from plait.selection import Selection
from ranker.item_features import ItemFeatures
from ranker.rank import PART_NAMES

USERS_AT_ONCE = 256
MOST_USERS = 20_000
"""Users who are looked through for the audience, in the order of their ids."""


@dataclass(frozen=True, slots=True)
class Suited:
    """A user whom the item suits; `score = sigmoid(sum of parts)`."""

    user_id: str
    score: float
    parts: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return the user as `--json` shows it."""
        return {"user_id": self.user_id, "score": self.score, "parts": dict(self.parts)}


@dataclass(frozen=True, slots=True)
class ColdStart:
    """Items that are like the new one, and the users it suits best."""

    similar: Ranking
    audience: tuple[Suited, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the answer as `--json` prints it."""
        similar = [item.to_json() for item in self.similar.items]
        return {"similar": similar, "audience": [user.to_json() for user in self.audience]}


def cold_start(live: Live, item: Item, attributes: Mapping[str, str], selection: Selection) -> ColdStart:
    """Answer for an item given by title, description, media and attributes (as text, typed as the catalogue's are)."""
    moment = live.refresh()
    query = Query("", item.text, item.image, item.audio)
    asked = encode_queries(live.workspace, [query])
    fused = moment.fusion.query(asked, towers=encode_towers(live.workspace, moment.fusion, [query], asked))
    vectors = encode_as_items(live.workspace, query, asked)
    similar = Ranking(nearest_items(moment, fused, selection)[0], moment.name)
    features = _features(moment, item, attributes, vectors)
    item_vector = moment.fusion.fuse(vectors)
    audience = _audience(live, moment, features, item_vector, selection)
    return ColdStart(similar, audience, incomparable(similar.items))


def _features(
    moment: Moment, item: Item, attributes: Mapping[str, str], vectors: Mapping[Strand, np.ndarray]
) -> ItemFeatures:
    live = moment.live
    types = {name: AttributeType(kind) for name, kind in live.workspace.store.attribute_types().items()}
    types["categories"] = AttributeType.SEVERAL
    unknown = sorted(set(attributes) - set(types))
    if unknown:
        raise WrongCall(f"attribute {unknown[0]!r} is not known; expected one of {', '.join(sorted(types))}")
    values = {}
    for name, text in attributes.items():
        try:
            value = typed(text, types[name])
        except ValueError as error:
            raise WrongCall(f"attribute {name}: {error}") from error
        if value is not None:
            values[name] = value
    categories = values.pop("categories", ())
    assert isinstance(categories, tuple)
    del types["categories"]
    described = Item("", item.title, item.description, categories=categories, attributes=values)
    table = ItemTable([described], moment.models.types or types)
    features = moment.models.features
    return ItemFeatures(ranker_strands(live.workspace, vectors), features.transform(table), features.groups)


def _audience(
    live: Live, moment: Moment, features: ItemFeatures, vector: np.ndarray, selection: Selection
) -> tuple[Suited, ...]:
    side = moment.models.ranker.item_side(features, vector, np.asarray([-1]))
    found: list[Suited] = []
    user_ids = live.workspace.store.user_ids()[:MOST_USERS]
    for start in range(0, len(user_ids), USERS_AT_ONCE):
        # Without their searches: to encode those of everybody would take minutes.
        who_there = askers(live, user_ids[start : start + USERS_AT_ONCE])
        asked: list[Asker] = [replace(who, searches=()) for who in who_there]
        candidates = np.zeros((len(asked), 1), dtype=np.int64)
        scored = moment.models.ranker.score(user_side(moment, asked), side, candidates, vector[None])
        scores = sigmoid(scored.logits[:, 0])
        for who, score, parts in zip(asked, scores.tolist(), scored.parts[:, 0].tolist(), strict=True):
            found.append(Suited(who.user_id, score, dict(zip(PART_NAMES, parts, strict=True))))
    found.sort(key=lambda user: (-user.score, user.user_id))
    return tuple(found[selection.offset : selection.depth])
