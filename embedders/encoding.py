"""Contents in, vectors out, through the cache: what was encoded before is never encoded again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedders.encoder import Encoder, Vectors
from embedders.items import Strand
from embedders.media import MediaError
from embedders.vector_cache import VectorCache, content_hash

BATCH = 256
"""Contents that are encoded and cached at once: a killed build loses at most these."""

OnMediaError = Callable[[int, MediaError], None]


@dataclass(frozen=True, slots=True)
class Encoded:
    """n contents encoded, in the order given.

    `vectors` (n, dimension) unit rows, zero where there is no content or the medium was refused; `hashes` are ""
    there; `encoded` counts the contents really sent through the encoder, equal ones once.
    """

    vectors: Vectors
    hashes: tuple[str, ...]
    encoded: int


def encode_cached(
    encoder: Encoder,
    contents: Sequence[str],
    cache: VectorCache,
    *,
    progress: Callable[[int], None] | None = None,
    on_media_error: OnMediaError | None = None,
) -> Encoded:
    """Encode `contents`, "" for none.

    A medium that cannot be read is told, by position, to `on_media_error`, which raises by default. `progress` is
    called with the number of contents encoded since its last call.
    """
    refuse = on_media_error or _raise
    hashes = [_hash(encoder.strand, place, content, refuse) for place, content in enumerate(contents)]
    known = cache.get(encoder.fingerprint, [digest for digest in hashes if digest])
    waiting: dict[str, list[int]] = {}
    for place, digest in enumerate(hashes):
        if digest and digest not in known:
            waiting.setdefault(digest, []).append(place)
    # Contents of like length stand together: a batch of texts costs as much as its longest.
    order = sorted(waiting, key=lambda digest: (len(contents[waiting[digest][0]]), digest))
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        fresh, errors = _encode(encoder, {digest: contents[waiting[digest][0]] for digest in batch})
        cache.put(encoder.fingerprint, fresh)
        known |= fresh
        for digest, error in errors.items():
            for place in waiting[digest]:
                refuse(place, error)
        if progress is not None:
            progress(len(batch))
    matrix = np.zeros((len(contents), encoder.dimension), dtype=np.float32)
    for place, digest in enumerate(hashes):
        if digest in known:
            matrix[place] = known[digest]
    kept = tuple(digest if digest in known else "" for digest in hashes)
    return Encoded(matrix, kept, len(waiting.keys() & known.keys()))


def _hash(strand: Strand, place: int, content: str, refuse: OnMediaError) -> str:
    if not content:
        return ""
    try:
        return content_hash(strand, content)
    except OSError as error:
        refuse(place, MediaError(content, f"cannot be read: {error.strerror}"))
        return ""


def _encode(encoder: Encoder, contents: dict[str, str]) -> tuple[dict[str, NDArray[np.float32]], dict[str, MediaError]]:
    """Encode contents by hash; what the encoder refuses is taken out and the rest tried again."""
    left = dict(contents)
    errors: dict[str, MediaError] = {}
    while left:
        try:
            return dict(zip(left, encoder.encode(list(left.values())), strict=True)), errors
        except MediaError as error:
            broken = [digest for digest, content in left.items() if content == error.path]
            for digest in broken:
                errors[digest] = error
                del left[digest]
            if not broken:
                raise
    return {}, errors


def _raise(_place: int, error: MediaError) -> None:
    raise error
