"""Plait: a real-time multimodal recommender with vector search."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plait.ranking import RankedItem, Ranking, Reason
    from plait.recommender import Recommender

__all__ = ["RankedItem", "Ranking", "Reason", "Recommender"]


def __getattr__(name: str) -> Any:
    """Import what is asked for and nothing else, so that `plait --help` stays quick."""
    if name == "Recommender":
        from plait.recommender import Recommender

        return Recommender
    if name in __all__:
        from plait import ranking

        return getattr(ranking, name)
    raise AttributeError(f"module 'plait' has no attribute {name!r}")
