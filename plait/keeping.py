"""Keeping: what a recommender does to look after its workspace: models, what is known of a user, backups."""

from pathlib import Path
from typing import Any

from plait.flows import models as registry
from plait.flows.backup import backup
from plait.flows.erase import erase
from plait.flows.user_data import user_data
from plait.live import Live


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

    def user_data(self, user_id: str) -> dict[str, Any]:
        """Return all that is stored of a user: attributes, relations, events and exposures."""
        return user_data(self._live.workspace.store, user_id)

    def erase(self, user_id: str) -> dict[str, Any]:
        """Remove a user from every file of the workspace; what still holds them, and backups, are named."""
        return erase(self._live.workspace, user_id)

    def backup(self, file: str | Path, *, vectors: bool = True) -> dict[str, Any]:
        """Write the workspace into one file while it is used, raw `vectors` too; `plait.flows.restore` reads it."""
        return backup(self._live.workspace, Path(file), vectors=vectors)
