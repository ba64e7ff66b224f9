"""Keeping: what a recommender does to look after its workspace: models, what is known of a user, backups."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from plait.flows import models as registry
from plait.flows.backup import backup
from plait.flows.erase import erase
from plait.flows.tend import Said, tend
from plait.flows.user_data import user_data
from plait.flows.watch_recall import watch_recall
from plait.live import Live
from plait.recall_file import MeasuredRecall


class Keeping:
    """The part of a Recommender that answers nobody's question about items."""

    _live: Live

    def models(self) -> list[dict[str, Any]]:
        """Return what is known of each trained model, by number: origin, metrics at birth, whether it answers."""
        return registry.models(self._live.workspace)

    def promote(self, number: int) -> dict[str, Any]:
        """Let a model answer from the next question on, for good. Raises WrongCall for a number there is none of."""
        return registry.promote(self._live.workspace, number)

    def rollback(self) -> dict[str, Any]:
        """Take the last training or promotion back. Raises BadData where no model is left to go back to."""
        return registry.rollback(self._live.workspace)

    def watch_recall(self, *, seed: int = 0) -> MeasuredRecall:
        """Measure which share of the exact ten nearest items searches find; an index that finds too little is mended.

        Another `seed` asks other queries.
        """
        return watch_recall(self._live, seed=seed)

    def user_data(self, user_id: str) -> dict[str, Any]:
        """Return all that is stored of a user: attributes, relations, events and exposures."""
        return user_data(self._live.workspace.store, user_id)

    def erase(self, user_id: str) -> dict[str, Any]:
        """Remove a user from every file of the workspace; what still holds them, and backups, are named."""
        return erase(self._live.workspace, user_id)

    def backup(self, file: str | Path, *, vectors: bool = True) -> dict[str, Any]:
        """Write the workspace into one file while it is used, raw `vectors` too; `plait.flows.restore` reads it."""
        return backup(self._live.workspace, Path(file), vectors=vectors)

    def tend(
        self, tell: Callable[[Said], None] = lambda _: None, *, once: bool = False, every: float = 10.0, seed: int = 0,
        stop: threading.Event | None = None,
    ) -> bool:  # fmt: skip
        """Keep the workspace in order until `stop` is set, or `once`: learn anew in the background, compact the index.

        One process at a time does; what it has to say it tells. Returns whether all could be done.
        """
        return tend(self._live, tell, once=once, every=every, seed=seed, stop=stop)
