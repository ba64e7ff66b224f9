"""Publish: the fusion learnt, the index built, and both made the workspace's present snapshot."""

from pathlib import Path

import numpy as np

from embedders.fit_fusion import fit_fusion
from embedders.fusion import Fusion
from embedders.items import Strand
from plait import snapshot
from plait.assembly import bridges_of, build_index
from plait.fusion_file import write_fusion
from plait.live import Live, raw_vectors
from plait.workspace import OwnEncoder, Workspace

COMPACT_ROWS = 1_000
COMPACT_SHARE = 0.2
"""Compact when this many rows, or this share of the snapshot, were added or died since."""


def learn_and_publish(workspace: Workspace, *, seed: int) -> Fusion:
    """Learn alignment and weights from all items, and publish a new index. The caller holds the lease."""
    sequence = workspace.store.sequence()
    stored = list(workspace.store.items())
    vectors = raw_vectors(workspace, stored)
    usable = {s: workspace.encoder(s) for s in Strand if not isinstance(workspace.encoder(s), OwnEncoder)}
    pictured = {s: e for s, e in usable.items() if s in vectors or s is Strand.TEXT}
    bridges = bridges_of(pictured) if Strand.IMAGE in vectors and Strand.TEXT in usable else {}
    fusion = fit_fusion(vectors, bridges=bridges)
    fused = fusion.fuse(vectors) if vectors else np.zeros((len(stored), max(fusion.dimension, 1)), np.float32)
    _publish(workspace, [item.item.item_id for item in stored], fused, fusion, sequence, seed)
    return fusion


def compact_if_due(live: Live, *, seed: int = 0) -> bool:
    """Publish index and changes as one snapshot when many have gathered; say whether it was done.

    Nothing is done while another process holds the lease: it publishes itself.
    """
    moment = live.refresh()
    changed = moment.index.delta_count + moment.index.tombstone_count
    if changed <= max(COMPACT_ROWS, COMPACT_SHARE * moment.index.row_count):
        return False
    with live.workspace.store.lease("compactor") as lease:
        if lease is None:
            return False
        sequence = live.workspace.store.sequence()
        moment = live.refresh()
        rows = np.flatnonzero(moment.index.alive)
        vectors = moment.index.vectors(rows)
        _publish(live.workspace, moment.index.item_ids(rows), vectors, moment.fusion, sequence, seed)
    return True


def _publish(
    workspace: Workspace, item_ids: list[str], fused: np.ndarray, fusion: Fusion, sequence: int, seed: int
) -> None:
    from index.storage import write_index

    vectors = np.ascontiguousarray(fused, dtype=np.float32)
    built = build_index(vectors, seed=seed)

    def write(folder: Path) -> None:
        write_index(folder, item_ids=item_ids, vectors=vectors, index=built)
        write_fusion(folder, fusion)

    snapshot.publish(
        workspace.index_folder, write, sequence=sequence, encoders=workspace.fingerprints(),
        details={"items": len(item_ids), "dimension": fusion.dimension, "fusion": dict(fusion.report)},
    )  # fmt: skip
