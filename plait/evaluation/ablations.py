"""Ablations: Plait without one of its parts, one strand, or what is known of items and users besides."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from plait.evaluation.peers.plait_peer import PlaitPeer
from plait.flows.train import TrainingItems
from plait.user_features import KnownUsers
from ranker.combination import PARTS

Spans = Mapping[str, Sequence[tuple[int, int]]]
"""By strand the coordinates `start .. stop - 1` of its blocks in a fused vector."""


def ablations(peer: PlaitPeer, spans: Spans) -> list[PlaitPeer]:
    """Return the peer without each part of the score, each strand, the attributes, and what is known of users.

    They are named `without X`, the last `without users`. Each learns anew: what is left may take over. What there is
    none of, a strand that no item has or users of whom nothing is known, is passed over.
    """
    found = [replace(peer, name=f"without {part}", without=(part,)) for part in PARTS]
    for strand, rows in peer.items.features.strands.items():
        if rows.any():
            items = without_strand(peer.items, strand, spans.get(strand, ()))
            found.append(replace(peer, name=f"without {strand}", items=items))
    if peer.items.features.attributes.any():
        found.append(replace(peer, name="without attributes", items=_without_attributes(peer.items)))
    if peer.users.user_ids:
        found.append(replace(peer, name="without users", users=KnownUsers()))
    return found


def without_strand(items: TrainingItems, strand: str, spans: Sequence[tuple[int, int]]) -> TrainingItems:
    """Return the items as if none had the strand: its blocks of the fused vectors are zero, its features gone."""
    vectors = items.vectors.copy()
    for start, stop in spans:
        vectors[:, start:stop] = 0.0
    strands = {name: rows for name, rows in items.features.strands.items() if name != strand}
    return replace(items, vectors=vectors, features=replace(items.features, strands=strands))


def _without_attributes(items: TrainingItems) -> TrainingItems:
    nothing = np.zeros((len(items.features), 0), dtype=np.float32)
    return replace(items, features=replace(items.features, attributes=nothing, columns=()))
