"""IndexSnapshot: the ids, vectors and search structure of one moment."""

from dataclasses import dataclass

from index.id_map import IdMap
from index.vector_index import VectorIndex, Vectors


@dataclass(frozen=True, slots=True, eq=False)
class IndexSnapshot:
    """Row i of `index` and of `vectors` (n, dimension; array or memory map) is item i of `item_ids`."""

    item_ids: IdMap
    vectors: Vectors
    index: VectorIndex

    def __post_init__(self) -> None:
        """Raise ValueError when the three disagree about the number of rows or the dimension."""
        shapes = {(len(self.item_ids), self.index.dimension), (len(self.index), self.index.dimension)}
        if shapes != {self.vectors.shape}:
            raise ValueError(
                f"vectors has shape {self.vectors.shape}; "
                f"expected ({len(self.item_ids)}, {self.index.dimension}) as in item_ids and index"
            )
