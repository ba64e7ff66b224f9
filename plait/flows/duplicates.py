"""Duplicates: items of a catalogue that nearly stand twice, named when it is built."""

import numpy as np

from plait import snapshot
from plait.cleaning import near_duplicates
from plait.workspace import Workspace

NAMED = 5
MOST_ITEMS = 20_000
"""Catalogues up to this size are looked through; the cost grows with the square."""
NEIGHBOURS = 4


def duplicate_note(workspace: Workspace) -> list[str]:
    """Return a note that counts near duplicates and names the first of them, nothing where there are none."""
    from index.storage import read_index

    found = snapshot.current(workspace.index_folder)
    if found is None:
        return []
    index = read_index(found.path)
    if not 1 < len(index.item_ids) <= MOST_ITEMS:
        return []
    vectors = np.asarray(index.vectors)
    hits = index.index.search(vectors, min(NEIGHBOURS, len(vectors)))
    pairs = near_duplicates(vectors, hits.rows)
    if not pairs:
        return []
    names = [" and ".join(index.item_ids.ids(np.asarray(pair))) for pair in pairs[:NAMED]]
    return [f"{len(pairs)} pairs of items are nearly the same, such as {', '.join(names)}"]
