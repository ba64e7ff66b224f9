"""Publish: the fusion learnt, the indexes built, and all made the workspace's present snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embedders.encoder import Vectors
from embedders.fit_fusion import fit_fusion
from embedders.fusion import Fusion
from embedders.items import Item, Strand
from index.lexical import LexicalIndex
from index.lexical_storage import write_lexical
from plait import snapshot
from plait.assembly import bridges_of, build_index
from plait.flows.fit_lexical import fit_lexical
from plait.flows.towers import catalogue_towers
from plait.fusion_file import write_fusion
from plait.lexical_files import LEXICAL, stored_lexical
from plait.live import Live
from plait.raw_vectors import Again, raw_vectors
from plait.store import StoredItem
from plait.store.chunks import chunks
from plait.workspace import COMPACTOR, Fence, OwnEncoder, Workspace

ITEMS_AT_ONCE = 1_000
SCAN = "scan"
"""In the manifest: whether the index must be a scan, as codes or a graph of these vectors found too little."""
LOST_MEDIA = "lost_media"
"""In the manifest: how many pictures and sounds of stored items the index lacks, as they were gone."""


def learn_and_publish(workspace: Workspace, *, seed: int, fence: Fence, again: Again | None = None) -> dict[str, float]:
    """Learn alignment and weights from all items, and publish a new index inside the `fence` of the lease held.

    Returns what was chosen, by strand. What had to be encoded again is told to `again`.
    """
    again = again if again is not None else Again()
    sequence = workspace.store.sequence()
    item_ids, vectors = catalogue_vectors(workspace, again=again)
    usable = {s: workspace.encoder(s) for s in Strand if not isinstance(workspace.encoder(s), OwnEncoder)}
    pictured = {s: e for s, e in usable.items() if s in vectors or s is Strand.TEXT}
    bridges = bridges_of(pictured, workspace.cache) if Strand.IMAGE in vectors and Strand.TEXT in usable else {}
    towers = catalogue_towers(workspace, _in_order(workspace, item_ids), vectors)
    categories = [one.item.categories for some in _in_order(workspace, item_ids) for one in some]
    fusion = fit_fusion(vectors, bridges=bridges, towers=towers, categories=categories)
    fused = fusion.fuse(vectors) if vectors else np.zeros((len(item_ids), max(fusion.dimension, 1)), np.float32)
    lexical = stored_lexical(workspace.store, item_ids)
    chosen = fit_lexical(workspace, item_ids, vectors, fusion, lexical)
    told = {LEXICAL: chosen, LOST_MEDIA: len(again.lost)}
    _publish(workspace, item_ids, fused, fusion, lexical, told, sequence, seed, fence)
    return {**fusion.report, **{f"{LEXICAL}.{name}": value for name, value in chosen.items()}}


def _in_order(workspace: Workspace, item_ids: Sequence[str]) -> Iterator[list[StoredItem]]:
    """Iterate over the items of these ids, some at a time, an empty one for an item that was removed meanwhile."""
    for start in range(0, len(item_ids), ITEMS_AT_ONCE):
        some = item_ids[start : start + ITEMS_AT_ONCE]
        found = workspace.store.items_by_id(some)
        yield [found.get(item_id) or StoredItem(Item(item_id)) for item_id in some]


def catalogue_vectors(workspace: Workspace, *, again: Again | None = None) -> tuple[list[str], dict[Strand, Vectors]]:
    """Return the ids (n,) of all items and their raw vectors (n, dimension) by strand, as `raw_vectors` does.

    Of the items themselves only some are in memory at once.
    """
    item_ids: list[str] = []
    parts: dict[Strand, list[tuple[int, Vectors]]] = {}
    for chunk in chunks(workspace.store.items(), ITEMS_AT_ONCE):
        for strand, found in raw_vectors(workspace, chunk, again=again).items():
            parts.setdefault(strand, []).append((len(item_ids), found))
        item_ids += [stored.item.item_id for stored in chunk]
    vectors: dict[Strand, Vectors] = {}
    for strand in (strand for strand in Strand if strand in parts):
        pieces = parts.pop(strand)
        vectors[strand] = np.zeros((len(item_ids), pieces[0][1].shape[1]), np.float32)
        for start, found in pieces:
            vectors[strand][start : start + len(found)] = found
    return item_ids, vectors


def compact_if_due(live: Live, *, seed: int = 0) -> bool:
    """Publish index and changes as one snapshot when many have gathered; say whether it was done.

    Nothing is done while another process holds the lease: it publishes itself. Nor is it by a process that has not yet
    loaded what was published last, see `publish_living`.
    """
    moment = live.refresh()
    changed = moment.index.delta_count + moment.index.tombstone_count
    settings = live.workspace.config.index
    if changed <= max(settings.compact_rows, settings.compact_share * moment.index.row_count):
        return False
    store = live.workspace.store
    with store.lease(COMPACTOR) as lease:
        if lease is None:
            return False
        return publish_living(live, seed=seed, fence=lambda: store.fence(lease))


def publish_living(live: Live, *, seed: int, fence: Fence, scan: bool = False) -> bool:
    """Publish index and changes as one snapshot inside the `fence` of the lease held; nothing is learnt anew.

    With `scan` it searches by a scan, which is exact, and so do those that are made of it later. Returns whether it was
    done: it is not where a newer index is published than the one that `live` answers by, as one that is loaded beside.
    """
    sequence = live.workspace.store.sequence()
    moment = live.refresh()
    # While the lease is held nobody moves it. An older index holds vectors of other encoders, or of another fusion.
    if moment.number != snapshot.current_number(moment.workspace.index_folder):
        return False
    rows = np.flatnonzero(moment.index.alive)
    found = snapshot.current(moment.workspace.index_folder)
    details = {} if found is None else found.details
    told = {
        LEXICAL: {"weight": moment.lexical_weight, **details.get(LEXICAL, {})},
        LOST_MEDIA: details.get(LOST_MEDIA, 0),
        SCAN: scan or details.get(SCAN, False),
    }
    _publish(
        moment.workspace, moment.index.item_ids(rows), moment.index.vectors(rows), moment.fusion,
        moment.lexical.compacted(rows), told, sequence, seed, fence,
    )  # fmt: skip
    return True


def _publish(
    workspace: Workspace, item_ids: list[str], fused: Vectors, fusion: Fusion, lexical: LexicalIndex,
    told: Mapping[str, Any], sequence: int, seed: int, fence: Fence,
) -> None:  # fmt: skip
    from index.storage import write_index

    vectors = np.ascontiguousarray(fused, dtype=np.float32)
    built = build_index(vectors, seed=seed, scan=told.get(SCAN, False))

    def write(folder: Path) -> None:
        write_index(folder, item_ids=item_ids, vectors=vectors, index=built)
        write_fusion(folder, fusion)
        write_lexical(folder, lexical)

    details = {"items": len(item_ids), "dimension": fusion.dimension, "fusion": dict(fusion.report), **told}
    snapshot.publish(
        workspace.index_folder, write, sequence=sequence, encoders=workspace.fingerprints(), details=details,
        fence=fence,
    )  # fmt: skip
