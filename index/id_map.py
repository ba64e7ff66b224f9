"""IdMap: the one place where text ids and row numbers are translated into each other."""

from collections.abc import Iterator, Sequence
from itertools import repeat

import numpy as np

from index.vector_index import Rows


class IdMap:
    """An immutable two-way map: the id at position i of `ids` has row i."""

    __slots__ = ("_ids", "_rows")

    def __init__(self, ids: Sequence[str]) -> None:
        """Map `ids` in the order given. Raises ValueError when an id comes twice."""
        self._ids = tuple(ids)
        self._rows = dict(zip(self._ids, range(len(self._ids)), strict=True))
        if len(self._rows) < len(self._ids):
            twice = next(item for row, item in enumerate(self._ids) if self._rows[item] != row)
            raise ValueError(f"ids holds {twice!r} twice; expected each id once")

    def __len__(self) -> int:
        """Return the number of ids."""
        return len(self._ids)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the ids in the order of their rows."""
        return iter(self._ids)

    def __contains__(self, item: object) -> bool:
        """Return whether the map has this id."""
        return item in self._rows

    def rows(self, ids: Sequence[str]) -> Rows:
        """Return the row of each id (n,), -1 for an unknown one."""
        find = self._rows.get
        return np.fromiter(map(find, ids, repeat(-1)), dtype=np.int64, count=len(ids))

    def ids(self, rows: Rows) -> list[str]:
        """Return the id of each row (n,). Raises ValueError for a row that the map has not."""
        if len(rows) and not (rows.min() >= 0 and rows.max() < len(self._ids)):
            raise ValueError(f"rows holds {rows.min()}..{rows.max()}; expected 0..{len(self._ids) - 1}")
        return [self._ids[row] for row in rows.tolist()]
