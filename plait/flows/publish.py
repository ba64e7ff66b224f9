"""Publish: the fusion learnt, the index built, and both made the workspace's present snapshot."""

from pathlib import Path

import numpy as np

from embedders.encoder import Vectors
from embedders.fit_fusion import fit_fusion
from embedders.fusion import Fusion
from embedders.items import Strand
from plait import snapshot
from plait.assembly import bridges_of, build_index
from plait.fusion_file import write_fusion
from plait.live import Live, raw_vectors
from plait.store.chunks import chunks
from plait.workspace import COMPACTOR, Fence, OwnEncoder, Workspace

ITEMS_AT_ONCE = 1_000
COMPACT_ROWS = 1_000
COMPACT_SHARE = 0.2
"""Compact when this many rows, or this share of the snapshot, were added or died since."""


def learn_and_publish(workspace: Workspace, *, seed: int, fence: Fence) -> Fusion:
    """Learn alignment and weights from all items, and publish a new index inside the `fence` of the lease held."""
    sequence = workspace.store.sequence()
    item_ids, vectors = catalogue_vectors(workspace)
    usable = {s: workspace.encoder(s) for s in Strand if not isinstance(workspace.encoder(s), OwnEncoder)}
    pictured = {s: e for s, e in usable.items() if s in vectors or s is Strand.TEXT}
    bridges = bridges_of(pictured) if Strand.IMAGE in vectors and Strand.TEXT in usable else {}
    fusion = fit_fusion(vectors, bridges=bridges)
    fused = fusion.fuse(vectors) if vectors else np.zeros((len(item_ids), max(fusion.dimension, 1)), np.float32)
    _publish(workspace, item_ids, fused, fusion, sequence, seed, fence)
    return fusion


def catalogue_vectors(workspace: Workspace) -> tuple[list[str], dict[Strand, Vectors]]:
    """Return the ids (n,) of all items and their raw vectors (n, dimension) by strand, as `raw_vectors` does.

    Of the items themselves only some are in memory at once.
    """
    item_ids: list[str] = []
    parts: dict[Strand, list[tuple[int, Vectors]]] = {}
    for chunk in chunks(workspace.store.items(), ITEMS_AT_ONCE):
        for strand, found in raw_vectors(workspace, chunk).items():
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

    Nothing is done while another process holds the lease: it publishes itself.
    """
    moment = live.refresh()
    changed = moment.index.delta_count + moment.index.tombstone_count
    if changed <= max(COMPACT_ROWS, COMPACT_SHARE * moment.index.row_count):
        return False
    store = live.workspace.store
    with store.lease(COMPACTOR) as lease:
        if lease is None:
            return False
        sequence = store.sequence()
        moment = live.refresh()
        rows = np.flatnonzero(moment.index.alive)
        vectors = moment.index.vectors(rows)
        item_ids = moment.index.item_ids(rows)
        _publish(live.workspace, item_ids, vectors, moment.fusion, sequence, seed, lambda: store.fence(lease))
    return True


def _publish(
    workspace: Workspace, item_ids: list[str], fused: Vectors, fusion: Fusion, sequence: int, seed: int, fence: Fence
) -> None:
    from index.storage import write_index

    vectors = np.ascontiguousarray(fused, dtype=np.float32)
    built = build_index(vectors, seed=seed)

    def write(folder: Path) -> None:
        write_index(folder, item_ids=item_ids, vectors=vectors, index=built)
        write_fusion(folder, fusion)

    snapshot.publish(
        workspace.index_folder, write, sequence=sequence, encoders=workspace.fingerprints(),
        details={"items": len(item_ids), "dimension": fusion.dimension, "fusion": dict(fusion.report)}, fence=fence,
    )  # fmt: skip
