"""Raw vectors: what encoders made of items, out of the cache, and with attributes what the ranker may know of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from embedders.encoder import Led, Vectors
from embedders.fusion import Fusion
from embedders.items import Item, Strand
from embedders.media_limits import MediaError
from embedders.spaces import unit
from plait.attributes import AttributeType
from plait.features import AttributeFeatures
from plait.item_table import ItemTable
from plait.store import StoredItem
from plait.workspace import Workspace
from ranker.item_features import ItemFeatures


@dataclass(slots=True)
class Again:
    """What had to be encoded again: how many contents by strand, and the `lost` media that are gone."""

    encoded: Counter[Strand] = field(default_factory=Counter)
    lost: list[MediaError] = field(default_factory=list)


def raw_vectors(
    workspace: Workspace, stored: Sequence[StoredItem], *, again: Again | None = None
) -> dict[Strand, Vectors]:
    """Return the raw vectors (n, dimension) of items by strand, out of the cache; zero rows for a missing strand.

    What the cache has lost is encoded again, and `again` is told. An item whose medium is gone by then lacks the
    strand until it is back.
    """
    from embedders.encoding import encode_cached

    again = again if again is not None else Again()

    def tell(_: int, error: MediaError) -> None:
        again.lost.append(error)

    vectors: dict[Strand, Vectors] = {}
    for strand in Strand:
        hashes = [item.hashes.get(strand, "") for item in stored]
        if not any(hashes):
            continue
        encoder = workspace.encoder(strand)
        found = workspace.cache.get(encoder.fingerprint, [digest for digest in hashes if digest])
        matrix = np.zeros((len(stored), encoder.dimension), dtype=np.float32)
        lost = [place for place, digest in enumerate(hashes) if digest and digest not in found]
        for place, digest in enumerate(hashes):
            if digest in found:
                matrix[place] = found[digest]
        if lost:
            contents = [stored[place].item.content(strand) for place in lost]
            encoded = encode_cached(encoder, contents, workspace.cache, on_media_error=tell)
            matrix[lost] = encoded.vectors
            again.encoded[strand] += encoded.encoded
        vectors[strand] = matrix
    return vectors


def ranker_strands(workspace: Workspace, vectors: Mapping[Strand, Vectors]) -> dict[str, Vectors]:
    """Return raw vectors (n, dimension) of strands as the ranker weighs them, zero rows for missing ones.

    Of an encoder that sees more than what a content is, that alone is taken and scaled to length 1: the rest told
    nothing more of films that nobody had met.
    """
    strands: dict[str, Vectors] = {}
    for strand, rows in vectors.items():
        encoder = workspace.encoder(strand)
        strands[strand.value] = unit(rows[:, : encoder.leading]) if isinstance(encoder, Led) else rows
    return strands


def item_features(
    workspace: Workspace,
    stored: Sequence[StoredItem | None],
    features: AttributeFeatures,
    types: Mapping[str, AttributeType],
) -> ItemFeatures:
    """Return what the ranker may know of items without any event; None stands for an item that is gone."""
    gone = StoredItem(Item(""))
    vectors = raw_vectors(workspace, [item or gone for item in stored])
    table = ItemTable([None if item is None else item.item for item in stored], types)
    return ItemFeatures(ranker_strands(workspace, vectors), features.transform(table), features.groups)


def fused_vectors(workspace: Workspace, fusion: Fusion, stored: Sequence[StoredItem]) -> Vectors:
    """Return the fused vectors (n, dimension) of items."""
    vectors = raw_vectors(workspace, stored)
    # Items without any content have no strand that says how many they are.
    return fusion.fuse(vectors) if vectors else np.zeros((len(stored), max(fusion.dimension, 1)), np.float32)
