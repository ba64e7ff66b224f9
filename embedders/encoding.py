"""Contents in, vectors out, through the cache: what was encoded before is never encoded again."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedders.encoder import Encoder, Vectors
from embedders.free_memory import give_back
from embedders.items import Strand, media_paths
from embedders.media_limits import MediaError
from embedders.spaces import unit
from embedders.vector_cache import VectorCache, combined_hash, content_hash

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
    """Encode `contents`, "" for none; the vector of several media is the mean of their unit vectors, scaled to one.

    A medium that cannot be read is told, by position, to `on_media_error`, which raises by default; of a content of
    several, the first that cannot. `progress` is called with the number of contents encoded since its last call.
    """
    refuse = on_media_error or _raise
    if encoder.strand is Strand.TEXT:
        return _encode_single(encoder, contents, cache, progress, refuse)
    parts = [media_paths(content) for content in contents]
    owners = [place for place, paths in enumerate(parts) for _ in paths]
    refused: set[int] = set()

    def refuse_owner(place: int, error: MediaError) -> None:
        if owners[place] not in refused:
            refused.add(owners[place])
            refuse(owners[place], error)

    single = _encode_single(encoder, [path for paths in parts for path in paths], cache, progress, refuse_owner)
    return _pooled(encoder, cache, single, [len(paths) for paths in parts], refused)


def _pooled(
    encoder: Encoder, cache: VectorCache, single: Encoded, counts: Sequence[int], refused: Collection[int]
) -> Encoded:
    """Put the media of each content together: `counts` of them stand side by side in `single`.

    What several make is kept in the cache under a hash of their own; neither order nor repetition changes it.
    """
    vectors = np.zeros((len(counts), encoder.dimension), dtype=np.float32)
    hashes = [""] * len(counts)
    several: dict[str, NDArray[np.float32]] = {}
    start = 0
    for place, count in enumerate(counts):
        rows = slice(start, start + count)
        start += count
        if not count or place in refused:
            continue
        members = dict(zip(single.hashes[rows], single.vectors[rows], strict=True))
        members = {digest: members[digest] for digest in sorted(members)}
        hashes[place] = combined_hash(list(members))
        pooled = np.sum(list(members.values()), axis=0)
        vectors[place] = pooled if len(members) == 1 else unit(pooled)
        if len(members) > 1:
            several[hashes[place]] = vectors[place]
    cache.put(encoder.fingerprint, several)
    return Encoded(vectors, tuple(hashes), single.encoded)


def _encode_single(
    encoder: Encoder,
    contents: Sequence[str],
    cache: VectorCache,
    progress: Callable[[int], None] | None,
    refuse: OnMediaError,
) -> Encoded:
    hashes = [_hash(encoder.strand, place, content, refuse) for place, content in enumerate(contents)]
    vectors = np.zeros((len(contents), encoder.dimension), dtype=np.float32)
    waiting: dict[str, list[int]] = {}
    for place, digest in enumerate(hashes):
        if digest:
            waiting.setdefault(digest, []).append(place)
    _take(waiting, cache.get(encoder.fingerprint, list(waiting)), vectors)
    # Contents of like length stand together: a batch of texts costs as much as its longest.
    order = sorted(waiting, key=lambda digest: (len(contents[waiting[digest][0]]), digest))
    encoded = 0
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        fresh, errors = _encode(encoder, {digest: contents[waiting[digest][0]] for digest in batch})
        cache.put(encoder.fingerprint, fresh)
        _take(waiting, fresh, vectors)
        encoded += len(fresh)
        give_back()
        if progress is not None:
            progress(len(batch))
        for digest, error in errors.items():
            for place in waiting[digest]:
                hashes[place] = ""
                refuse(place, error)
    return Encoded(vectors, tuple(hashes), encoded)


def _take(waiting: dict[str, list[int]], found: dict[str, NDArray[np.float32]], vectors: Vectors) -> None:
    """Write what was found to its rows; it waits no more."""
    for digest, vector in found.items():
        vectors[waiting.pop(digest)] = vector


def _hash(strand: Strand, place: int, content: str, refuse: OnMediaError) -> str:
    if not content:
        return ""
    if strand is not Strand.TEXT and not Path(content).is_file():
        # Reading a pipe or a device would never end.
        refuse(place, MediaError(content, "is absent or no regular file"))
        return ""
    try:
        return content_hash(strand, content)
    except OSError as error:
        refuse(place, MediaError(content, f"cannot be read: {error.strerror}"))
        return ""


def _encode(encoder: Encoder, contents: dict[str, str]) -> tuple[dict[str, NDArray[np.float32]], dict[str, MediaError]]:
    """Encode contents by hash, at once, or one by one where one of them is refused."""
    try:
        return dict(zip(contents, encoder.encode(list(contents.values())), strict=True)), {}
    except MediaError as error:
        if len(contents) == 1:
            return {}, dict.fromkeys(contents, error)
    fresh: dict[str, NDArray[np.float32]] = {}
    errors: dict[str, MediaError] = {}
    for digest, content in contents.items():
        one, refused = _encode(encoder, {digest: content})
        fresh |= one
        errors |= refused
    return fresh, errors


def _raise(_place: int, error: MediaError) -> None:
    raise error
