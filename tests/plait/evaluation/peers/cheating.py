"""A registry in which a model cheats: it reads the targets of the split it learns from."""

from plait.evaluation.peers.popularity import Popularity
from plait.evaluation.peers.registry import Entry
from plait.evaluation.planted import PlantedCheater


class Reader(PlantedCheater):
    """The planted cheater under another name."""

    name = "reader"


CHEATING = {"reader": Entry("cheating", "Reader"), "popularity": Entry("cheating", "Popularity")}

__all__ = ["CHEATING", "Popularity", "Reader"]
