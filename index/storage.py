"""An index on disk: vectors.npy, index.json with the ids, and codes.faiss or graph.faiss where there are such."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np

from index.codes import Codes, check_codes
from index.faiss import FaissIndex
from index.id_map import IdMap
from index.mapped_array import mapped_array
from index.snapshot import IndexSnapshot
from index.vector_index import Vectors

FORMAT = 2
VECTORS = "vectors.npy"
CODES = "codes.faiss"
GRAPH = "graph.faiss"
HEAD = "index.json"


def write_index(folder: Path, *, item_ids: Sequence[str], vectors: Vectors, index: FaissIndex) -> None:
    """Write an index of `vectors` (n, dimension), whose rows have `item_ids`, to `folder`, made where absent.

    Nothing is synced to disk or checksummed: who publishes the folder does that. Raises FileExistsError where the
    folder holds an index, OSError where the disk refuses, ValueError for ids that come twice or are no text, or other
    numbers of rows.
    """
    snapshot = IndexSnapshot(IdMap(item_ids), vectors, index)
    head: dict[str, object] = {
        "format": FORMAT,
        "kind": index.kind,
        "dimension": index.dimension,
        "item_ids": list(snapshot.item_ids),
    }
    if index.codes is not None:
        head["wider"] = index.codes.wider
    encoded = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / HEAD).open("xb") as file:
        file.write(encoded)
    with (folder / VECTORS).open("xb") as file:
        np.save(file, np.asarray(vectors, dtype=np.float32), allow_pickle=False)
    if index.codes is not None:
        write_faiss(folder / CODES, index.codes.index)
    if index.graph is not None:
        write_faiss(folder / GRAPH, index.graph, faiss.IO_FLAG_SKIP_STORAGE)


def write_faiss(path: Path, index: faiss.Index, flags: int = 0) -> None:
    """Write an index of FAISS to a file. Raises OSError where the disk refuses, be it the last byte.

    FAISS's own writer drops what the disk says when the file is closed.
    """
    try:
        with path.open("wb") as file:
            faiss.write_index(index, faiss.PyCallbackIOWriter(file.write), flags)
    except RuntimeError as error:
        raise OSError(f"{path} cannot be written: {' '.join(str(error).split())}") from error


def read_index(folder: Path) -> IndexSnapshot:
    """Open the index in `folder`; its vectors stay on disk, memory-mapped, and read-only.

    Raises ValueError naming the file that is missing, truncated, corrupt or does not belong to the others.
    """
    head = _read_head(folder / HEAD)
    vectors = _read_vectors(folder / VECTORS, (len(head.item_ids), head.dimension))
    graph = _read_graph(folder / GRAPH, vectors.shape) if head.kind == "hnsw" else None
    codes = Codes(_read_codes(folder / CODES, vectors.shape), head.wider) if head.kind == "codes" else None
    return IndexSnapshot(head.item_ids, vectors, FaissIndex(vectors, graph=graph, codes=codes))


def has_known_format(folder: Path) -> bool:
    """Return whether the index in `folder` has the format that `read_index` reads; its other files are not opened."""
    try:
        _read_head(folder / HEAD)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Head:
    kind: str
    dimension: int
    item_ids: IdMap
    wider: float


def _read_head(path: Path) -> _Head:
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
        if head["format"] != FORMAT:
            newer = isinstance(head["format"], int) and head["format"] > FORMAT
            what = "upgrade Plait" if newer else "build the index again"
            raise ValueError(f"format is {head['format']!r}; this version reads {FORMAT}: {what}")
        if head["kind"] not in ("flat", "codes", "hnsw"):
            raise ValueError(f"kind is {head['kind']!r}; expected flat, codes or hnsw")
        wider = float(head["wider"]) if head["kind"] == "codes" else 0.0
        if head["kind"] == "codes" and not 0 < wider < np.inf:
            raise ValueError(f"wider is {wider}; expected a number above 0")
        return _Head(head["kind"], int(head["dimension"]), IdMap(head["item_ids"]), wider)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _broken(path, error) from error


def _read_vectors(path: Path, shape: tuple[int, int]) -> Vectors:
    try:
        vectors = mapped_array(path)
        if vectors.dtype != np.float32 or vectors.shape != shape or not vectors.flags.c_contiguous:
            raise ValueError(f"holds {vectors.dtype} {vectors.shape}; expected float32 {shape} in C order")
    except (OSError, ValueError, EOFError) as error:
        raise _broken(path, error) from error
    return np.asarray(vectors)


def _read_codes(path: Path, shape: tuple[int, ...]) -> faiss.IndexPQFastScan:
    try:
        index = faiss.read_index(str(path))
        if not isinstance(index, faiss.IndexPQFastScan):
            raise ValueError(f"holds {type(index).__name__}; expected codes")
        check_codes(index, rows=shape[0], dimension=shape[1])
    except (RuntimeError, MemoryError, ValueError) as error:
        raise _broken(path, error) from error
    return index


def _read_graph(path: Path, shape: tuple[int, ...]) -> faiss.IndexHNSWFlat:
    try:
        graph = faiss.read_index(str(path))
        if not isinstance(graph, faiss.IndexHNSWFlat) or (graph.ntotal, graph.d) != shape:
            raise ValueError(f"holds {type(graph).__name__} {(graph.ntotal, graph.d)}; expected a graph of {shape}")
    except (RuntimeError, MemoryError, ValueError) as error:
        raise _broken(path, error) from error
    return graph


def _broken(path: Path, error: Exception) -> ValueError:
    return ValueError(f"{path} cannot be read as a part of an index: {error}")
