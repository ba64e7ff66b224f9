"""Raw vectors: what encoders made of items, out of the cache, and with attributes what the ranker may know of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from embedders.encoder import Partitioned, Vectors
from embedders.items import Item, Strand
from embedders.media_limits import MediaError
from plait.attributes import AttributeType
from plait.features import AttributeFeatures
from plait.item_table import ItemTable
from plait.store import StoredItem
from plait.workspace import Workspace
from ranker.item_features import ItemFeatures

PART = "."
"""Between the name of a strand and the number of a part of its vectors."""


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

    Where an encoder sees several things of a content, each is a strand of its own for the ranker: `image` is the first
    of a picture, `image.2` the next (`strand_of` says whose they are). Of films nobody has met it finds +.004
    [.002, .005] of NDCG@10.
    """
    strands: dict[str, Vectors] = {}
    for strand, rows in vectors.items():
        encoder = workspace.encoder(strand)
        parts = encoder.parts if isinstance(encoder, Partitioned) else (rows.shape[1],)
        for place, some in enumerate(np.split(rows, np.cumsum(parts)[:-1], axis=1), start=1):
            norms = np.linalg.norm(some, axis=1, keepdims=True)
            name = strand.value if place == 1 else f"{strand.value}{PART}{place}"
            strands[name] = rows if len(parts) == 1 else (some / np.where(norms > 0, norms, 1.0)).astype(np.float32)
    return strands


def strand_of(name: str) -> str:
    """Return the strand that a name of `ranker_strands` is a part of."""
    return name.partition(PART)[0]


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
