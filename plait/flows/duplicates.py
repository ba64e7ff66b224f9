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
    pairs = duplicate_pairs(workspace)
    if not pairs:
        return []
    names = [" and ".join(pair) for pair in pairs[:NAMED]]
    return [f"{len(pairs)} pairs of items are nearly the same, such as {', '.join(names)}"]


def duplicate_pairs(workspace: Workspace) -> list[tuple[str, str]]:
    """Return ids of items of the current snapshot that are nearly the same; none of a catalogue that is too large."""
    from index.storage import read_index

    found = snapshot.current(workspace.index_folder)
    if found is None:
        return []
    index = read_index(found.path)
    if not 1 < len(index.item_ids) <= MOST_ITEMS:
        return []
    vectors = np.asarray(index.vectors)
    hits = index.index.search(vectors, min(NEIGHBOURS, len(vectors)))
    named = [index.item_ids.ids(np.asarray(pair)) for pair in near_duplicates(vectors, hits.rows)]
    return [(first, second) for first, second in named]
