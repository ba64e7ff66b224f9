"""An index on disk: vectors.npy, index.json with the ids, and graph.faiss where there is a graph."""

import json
from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np

from index.faiss import FaissIndex
from index.id_map import IdMap
from index.snapshot import IndexSnapshot
from index.vector_index import Vectors

FORMAT = 1
VECTORS = "vectors.npy"
GRAPH = "graph.faiss"
HEAD = "index.json"


def write_index(folder: Path, *, item_ids: Sequence[str], vectors: Vectors, index: FaissIndex) -> None:
    """Write an index of `vectors` (n, dimension), whose rows have `item_ids`, to `folder`, made where absent.

    Nothing is synced to disk or checksummed: who publishes the folder does that. Raises FileExistsError where
    the folder holds an index, ValueError for ids that come twice or are no text, or other numbers of rows.
    """
    snapshot = IndexSnapshot(IdMap(item_ids), vectors, index)
    head = {
        "format": FORMAT,
        "kind": "flat" if index.graph is None else "hnsw",
        "dimension": index.dimension,
        "item_ids": list(snapshot.item_ids),
    }
    encoded = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / HEAD).open("xb") as file:
        file.write(encoded)
    with (folder / VECTORS).open("xb") as file:
        np.save(file, np.asarray(vectors, dtype=np.float32), allow_pickle=False)
    if index.graph is not None:
        faiss.write_index(index.graph, str(folder / GRAPH), faiss.IO_FLAG_SKIP_STORAGE)  # type: ignore[call-overload]


def read_index(folder: Path) -> IndexSnapshot:
    """Open the index in `folder`; its vectors stay on disk, memory-mapped, and read-only.

    Raises ValueError naming the file that is missing, truncated, corrupt or does not belong to the others.
    """
    kind, dimension, item_ids = _read_head(folder / HEAD)
    vectors = _read_vectors(folder / VECTORS, (len(item_ids), dimension))
    graph = _read_graph(folder / GRAPH, vectors.shape) if kind == "hnsw" else None
    return IndexSnapshot(item_ids, vectors, FaissIndex(vectors, graph))


def _read_head(path: Path) -> tuple[str, int, IdMap]:
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
        if head["format"] != FORMAT or head["kind"] not in ("flat", "hnsw"):
            raise ValueError(f"format is {head['format']}, kind {head['kind']!r}; expected {FORMAT}, flat or hnsw")
        return head["kind"], int(head["dimension"]), IdMap(head["item_ids"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _broken(path, error) from error


def _read_vectors(path: Path, shape: tuple[int, int]) -> Vectors:
    try:
        vectors = np.load(path, mmap_mode="r", allow_pickle=False)
        if vectors.dtype != np.float32 or vectors.shape != shape or not vectors.flags.c_contiguous:
            raise ValueError(f"holds {vectors.dtype} {vectors.shape}; expected float32 {shape} in C order")
    except (OSError, ValueError, EOFError) as error:
        raise _broken(path, error) from error
    return np.asarray(vectors)


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
