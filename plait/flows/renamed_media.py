"""Renamed media: a picture under another name must be encoded as before, or the name was read."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from embedders.encoder import Encoder
from embedders.encoding import encode_cached
from embedders.items import Strand, media_paths, several_media
from embedders.vector_cache import VectorCache
from plait.evaluation.salted import salted
from plait.raw_vectors import raw_vectors
from plait.store import StoredItem
from plait.workspace import OwnEncoder, Workspace

MOST_FILES = 16
"""Files of each strand that are copied and encoded again."""
TOLERANCE = 1e-4
"""What a unit vector's number may differ by; encoders give the same row to 1e-5 in any batch."""


def check_renamed_media(workspace: Workspace, *, seed: int = 0) -> Iterator[tuple[bool, str]]:
    """Yield for each strand of files whether it passed, and a line that says so.

    Files drawn by a salted hash of the item's id are copied to names that say nothing and encoded again; the vectors
    are held beside those that the workspace uses. An item whose vector differs, or whose file is gone, is named.
    """
    stored = list(workspace.store.items())
    for strand in (Strand.IMAGE, Strand.AUDIO):
        having = [item for item in stored if item.item.content(strand)]
        encoder = workspace.encoder(strand)
        if not having or isinstance(encoder, OwnEncoder):
            continue
        hashes = salted(seed, [item.item.item_id for item in having])
        chosen = [having[place] for place in np.argsort(hashes)[:MOST_FILES].tolist()]
        yield _check(workspace, strand, encoder, chosen)


def _check(workspace: Workspace, strand: Strand, encoder: Encoder, chosen: Sequence[StoredItem]) -> tuple[bool, str]:
    what = f"renamed media: {strand}, {len(chosen)} files"
    media = [media_paths(item.item.content(strand)) for item in chosen]
    gone = [
        item.item.item_id
        for item, paths in zip(chosen, media, strict=True)
        if not all(Path(path).is_file() for path in paths)
    ]
    if gone:
        return False, f"{what}: the file of {', '.join(gone)} is gone, it cannot be encoded again"
    with tempfile.TemporaryDirectory() as folder:
        copies = [_copied(paths, Path(folder), place) for place, paths in enumerate(media)]
        cache = VectorCache(Path(folder))
        again = encode_cached(encoder, copies, cache).vectors
        cache.close()
    apart = np.abs(again - raw_vectors(workspace, chosen)[strand]).max(axis=1)
    moved = [item.item.item_id for item, far in zip(chosen, apart.tolist(), strict=True) if not far <= TOLERANCE]
    if moved:
        return False, f"{what}: {', '.join(moved)} MOVED by up to {apart.max():.2g}; expected at most {TOLERANCE:g}"
    return True, f"{what}: vectors differ by at most {apart.max():.2g}, within {TOLERANCE:g}"


def _copied(paths: Sequence[str], folder: Path, place: int) -> str:
    """Copy an item's files to names that tell its place in the sample and their kind, and nothing else."""
    copies = [str(folder / f"{place}-{number}{Path(path).suffix}") for number, path in enumerate(paths)]
    for path, copy in zip(paths, copies, strict=True):
        shutil.copyfile(path, copy)
    return several_media(copies)
