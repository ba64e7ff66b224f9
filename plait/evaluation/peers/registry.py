"""The registry: every model that can be judged, by its name. A module is imported when its model is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from plait.evaluation.peers.materials import Materials
from plait.evaluation.peers.peer import Peer

FOLDER = "plait.evaluation.peers"


@dataclass(frozen=True, slots=True)
class Entry:
    """The class `name` in the module `module` of FOLDER; `needs` are the fields of Materials it is made of."""

    module: str
    name: str
    needs: tuple[str, ...] = ()


REGISTRY: Mapping[str, Entry] = {
    "plait": Entry("plait_peer", "PlaitPeer", ("items", "users")),
    "popularity": Entry("popularity", "Popularity"),
    "recent-popularity": Entry("recent_popularity", "RecentPopularity"),
    "item-knn": Entry("item_knn", "ItemKnn"),
    "biased-mf": Entry("biased_mf", "BiasedMf"),
    "ease": Entry("ease", "Ease"),
    "recency-ease": Entry("recency_ease", "RecencyEase"),
    "ials": Entry("ials", "Ials"),
    "bpr": Entry("bpr", "Bpr"),
    "svd": Entry("svd", "Svd"),
    "ncf": Entry("ncf", "Ncf"),
    "sasrec": Entry("sasrec", "SasRec"),
    "content": Entry("content", "Content", ("items",)),
    "cnn-content": Entry("cnn_content", "CnnContent", ("item_ids", "texts")),
    "cf-cnn": Entry("cf_cnn", "CfCnn", ("items",)),
}
"""A row a model, in the order of tables."""


def make_peer(name: str, materials: Materials) -> Peer:
    """Return a model by its name. Raises ValueError that lists the known ones."""
    if name not in REGISTRY:
        raise ValueError(f"model {name!r} is not known; expected some of {', '.join(REGISTRY)}")
    entry = REGISTRY[name]
    make = getattr(import_module(f"{FOLDER}.{entry.module}"), entry.name)
    peer: Peer = make(**{need: getattr(materials, need) for need in entry.needs})
    return peer
