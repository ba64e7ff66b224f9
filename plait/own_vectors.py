"""Own vectors: what a caller brings for a strand instead of an encoder."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embedders.encoder import Vectors
from embedders.items import Strand
from plait.errors import BadData, WrongCall


@dataclass(frozen=True, slots=True)
class OwnVectors:
    """Vectors (n, dimension) of one strand out of the file `name`; `item_ids` of its rows, None: as the items stand."""

    name: str
    strand: Strand
    vectors: Vectors
    item_ids: tuple[str, ...] | None

    @property
    def fingerprint(self) -> str:
        """Stands where an encoder's fingerprint would."""
        return own_fingerprint(self.strand, self.vectors.shape[1])

    def check_count(self, count: int) -> None:
        """Raise BadData where the vectors are in the order of the items and not as many as the table's rows."""
        if self.item_ids is None and len(self.vectors) != count:
            raise BadData(f"{self.name}: {len(self.vectors)} vectors for {count} rows of items; expected one each")

    def notes(self, item_ids: Collection[str]) -> list[str]:
        """Return what is to be known of vectors for a table with `item_ids`: of no item of it, or all zero."""
        unknown = sum(item_id not in item_ids for item_id in self.item_ids or ())
        empty = int((~self.vectors.any(axis=1)).sum())
        told = [f"{unknown} vectors are of no item of the table and were passed over"] if unknown else []
        told += [f"{empty} vectors are all zero: their items lack the {self.strand} strand"] if empty else []
        return [f"{self.name}: {text}" for text in told]

    def rows_for(self, item_ids: Sequence[str], numbers: Sequence[int]) -> Iterator[Vectors | None]:
        """Iterate over the unit vector of each item, which is the table's row of that number from 0; None for none."""
        places = None if self.item_ids is None else {item_id: place for place, item_id in enumerate(self.item_ids)}
        for item_id, number in zip(item_ids, numbers, strict=True):
            place = number if places is None else places.get(item_id, -1)
            row = self.vectors[place] if 0 <= place < len(self.vectors) else None
            yield None if row is None or not row.any() else np.asarray(row / np.linalg.norm(row), dtype=np.float32)


def own_fingerprint(strand: Strand, dimension: int) -> str:
    """Return the name of own vectors of a dimension."""
    return f"{strand}:own:{dimension}"


def own_dimension(fingerprint: str) -> int | None:
    """Return the dimension of own vectors, None for an encoder's fingerprint."""
    _, kind, dimension = [*fingerprint.split(":", 2), "", ""][:3]
    return int(dimension) if kind == "own" else None


def vector_hash(row: Vectors) -> str:
    """Return the content hash of an own vector."""
    return hashlib.sha256(row.tobytes()).hexdigest()


def read_own_vectors(name: str, path: Path) -> OwnVectors:
    """Read a .npy (rows in the order of the items) or Parquet (item_id, vector) file.

    Raises WrongCall for an unknown strand or a missing file, BadData for other shapes, numbers that are not finite and
    an item that comes twice.
    """
    if name not in set(Strand):
        raise WrongCall(f"--vectors {name}: expected one of {', '.join(Strand)}")
    if not path.is_file():
        raise WrongCall(f"--vectors {name}: {path} is not a file")
    item_ids = None
    try:
        if path.suffix == ".npy":
            vectors = np.load(path, allow_pickle=False)
        else:
            import pyarrow.parquet as pq

            table = pq.read_table(path, columns=["item_id", "vector"])
            item_ids = tuple(str(value) for value in table["item_id"].to_pylist())
            vectors = np.asarray(table["vector"].to_pylist())
        vectors = np.asarray(vectors, dtype=np.float32)
    except (OSError, ValueError, KeyError) as error:
        raise BadData(f"{path.name}: no .npy or Parquet file of vectors ({str(error).splitlines()[0]})") from error
    if vectors.ndim != 2 or not vectors.shape[1]:
        raise BadData(f"{path.name}: shape {vectors.shape}; expected (items, dimension)")
    if not np.isfinite(vectors).all():
        raise BadData(f"{path.name}: NaN or infinity in row {int(np.argmin(np.isfinite(vectors).all(axis=1))) + 1}")
    if item_ids is not None and len(set(item_ids)) < len(item_ids):
        twice = next(item_id for item_id, count in Counter(item_ids).items() if count > 1)
        raise BadData(f"{path.name}: item_id {twice!r} comes more than once; expected one vector an item")
    return OwnVectors(path.name, Strand(name), vectors, item_ids)
