"""Status: what a workspace holds, without loading any model."""

from pathlib import Path
from typing import Any

from plait import snapshot
from plait.recall_file import read_recall
from plait.workspace import Workspace


def status(folder: Path) -> dict[str, Any]:
    """Return counts, snapshot numbers, sequence numbers and the last measured recall.

    Raises WrongCall where there is no workspace.
    """
    workspace = Workspace.open(folder)
    answer: dict[str, Any] = {**workspace.store.counts(), "sequence": workspace.store.sequence()}
    answer["bundle"] = workspace.config.encoders.bundle
    for name, place in workspace.snapshots.items():
        found = snapshot.current(place)
        answer[name] = None if found is None else found.number
        answer[f"{name}_sequence"] = None if found is None else found.sequence
    measured = read_recall(workspace.index_folder)
    answer["recall"] = None if measured is None else measured.to_json()
    return answer
