"""The stored items at rows of an index."""

from collections.abc import Iterator

from embedders.items import Item
from index import LiveView
from index.vector_index import Rows
from plait.workspace import Workspace

CHUNK = 500


def items_at(workspace: Workspace, view: LiveView, rows: Rows) -> Iterator[Item | None]:
    """Iterate over the items at `rows`, None for a dead one."""
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        living = zip(view.item_ids(chunk), view.alive[chunk].tolist(), strict=True)
        ids = [item_id if alive else "" for item_id, alive in living]
        stored = workspace.store.items_by_id([item_id for item_id in ids if item_id])
        yield from (stored[item_id].item if item_id in stored else None for item_id in ids)
