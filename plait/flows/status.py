"""Status: what a workspace holds, without loading any model."""

from pathlib import Path
from typing import Any

from plait import snapshot
from plait.workspace import Workspace


def status(folder: Path) -> dict[str, Any]:
    """Return counts, snapshot numbers and sequence numbers. Raises WrongCall where there is no workspace."""
    workspace = Workspace.open(folder)
    answer: dict[str, Any] = {**workspace.store.counts(), "sequence": workspace.store.sequence()}
    answer["bundle"] = workspace.config.encoders.bundle
    for name, place in (("index", workspace.index_folder), ("model", workspace.models_folder)):
        found = snapshot.current(place)
        answer[name] = None if found is None else found.number
        answer[f"{name}_sequence"] = None if found is None else found.sequence
    return answer
