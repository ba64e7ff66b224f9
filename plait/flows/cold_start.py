"""Cold start: what an item that nobody has met is like, and whom it suits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from embedders.items import Item, Strand
from plait.attributes import AttributeType, typed
from plait.errors import WrongCall
from plait.flows.audience import Suited, suited
from plait.flows.nearest import incomparable, nearest_items
from plait.flows.search import Query, encode_as_items, encode_queries, encode_towers
from plait.item_table import ItemTable
from plait.live import Live
from plait.moment import Moment
from plait.ranking import Ranking
from plait.raw_vectors import ranker_strands
from plait.selection import Selection
from ranker.item_features import ItemFeatures
from ranker.rank import Scored
from ranker.sides import UserSide


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
    asked = encode_queries(moment.workspace, [query])
    fused = moment.fusion.query(asked, towers=encode_towers(moment.workspace, moment.fusion, [query], asked))
    vectors = encode_as_items(moment.workspace, query, asked)
    similar = Ranking(nearest_items(moment, fused, selection)[0], moment.name)
    features = _features(moment, item, attributes, vectors)
    item_vector = moment.fusion.fuse(vectors)
    audience = _audience(moment, features, item_vector, selection)
    return ColdStart(similar, audience, (*moment.notes, *incomparable(similar.items)))


def _features(
    moment: Moment, item: Item, attributes: Mapping[str, str], vectors: Mapping[Strand, np.ndarray]
) -> ItemFeatures:
    types = {name: AttributeType(kind) for name, kind in moment.workspace.store.attribute_types().items()}
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
    return ItemFeatures(ranker_strands(moment.workspace, vectors), features.transform(table), features.groups)


def _audience(moment: Moment, features: ItemFeatures, vector: np.ndarray, selection: Selection) -> tuple[Suited, ...]:
    side = moment.models.ranker.item_side(features, vector, np.asarray([-1]))

    def score(users: UserSide) -> Scored:
        return moment.models.ranker.score(users, side, np.zeros((len(users), 1), dtype=np.int64), vector[None])

    return suited(moment, score, selection)
