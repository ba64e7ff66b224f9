"""LiveView: one unchanging moment of a LiveIndex."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from index.exact import ExactIndex
from index.hits import merged
from index.query import check_limit, checked_vectors
from index.snapshot import IndexSnapshot
from index.vector_index import Hits, Mask, Rows, VectorIndex, Vectors


@dataclass(frozen=True, slots=True, eq=False)
class LiveView:
    """The rows of a main snapshot, then the rows added since; some of them dead.

    `added_rows` gives the row of each id that lives among the added; `added_ids` and `added_vectors` hold all
    that were ever added (`added_ids` may be longer: it belongs to later moments too).
    `alive` (row_count,) is read-only; `main_dead` counts the dead rows of the snapshot.
    """

    main: IndexSnapshot
    added_ids: Sequence[str]
    added_vectors: Vectors
    added_rows: Mapping[str, int]
    alive: Mask
    main_dead: int

    def __len__(self) -> int:
        """Return the number of living items."""
        return len(self.main.item_ids) - self.main_dead + len(self.added_rows)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.main.index.dimension

    @property
    def row_count(self) -> int:
        """The number of rows, dead ones included."""
        return len(self.alive)

    @property
    def delta_count(self) -> int:
        """The number of rows added since the snapshot, dead ones included."""
        return len(self.added_vectors)

    @property
    def tombstone_count(self) -> int:
        """The number of dead rows."""
        return self.row_count - len(self)

    def rows(self, item_ids: Sequence[str]) -> Rows:
        """Return the living row of each item (n,), -1 for one that is unknown or removed."""
        rows = self.main.item_ids.rows(item_ids)
        if self.main_dead:
            rows[(rows >= 0) & ~self.alive[rows]] = -1
        if self.added_rows:
            find = self.added_rows.get
            added = np.fromiter(map(find, item_ids, repeat(-1)), dtype=np.int64, count=len(item_ids))
            rows = np.where(added >= 0, added, rows)
        return rows

    def item_ids(self, rows: Rows) -> list[str]:
        """Return the id of each row (n,), dead or alive; ValueError for a row outside 0..row_count - 1."""
        self._check_rows(rows)
        main = len(self.main.item_ids)
        names = iter(self.main.item_ids.ids(rows[rows < main]))
        return [self.added_ids[row - main] if row >= main else next(names) for row in rows.tolist()]

    def vectors(self, rows: Rows) -> Vectors:
        """Return a copy of the vector of each row: `rows` of any shape (...) give (..., dimension).

        Raises ValueError for a row outside 0..row_count - 1.
        """
        self._check_rows(rows)
        main = len(self.main.item_ids)
        added = rows >= main
        if not added.any():
            return self.main.vectors[rows]
        gathered = np.empty((*rows.shape, self.dimension), dtype=np.float32)
        gathered[~added] = self.main.vectors[rows[~added]]
        gathered[added] = self.added_vectors[rows[added] - main]
        return gathered

    def search(self, queries: Vectors, limit: int, *, allowed: Mask | None = None) -> Hits:
        """Return the `limit` nearest living, allowed rows of each query (m, dimension), best first.

        `allowed` (n,) may be shorter than row_count, having been made a moment ago: rows beyond it are not
        allowed. Raises ValueError for another dimension, limit < 1, or a longer mask.
        """
        return self._search(self.main.index, queries, limit, allowed)

    def search_exactly(self, queries: Vectors, limit: int, *, allowed: Mask | None = None) -> Hits:
        """Return what `search` would with an index that misses nothing: each query is compared with every row."""
        return self._search(ExactIndex(self.main.vectors), queries, limit, allowed)

    def _search(self, main: VectorIndex, queries: Vectors, limit: int, allowed: Mask | None) -> Hits:
        """Search the snapshot's rows by the index `main` of them, and those added since."""
        if allowed is None and not self.delta_count and not self.main_dead:
            return main.search(queries, limit)
        queries = checked_vectors("queries", queries, dimension=self.dimension)
        check_limit(limit)
        alive = self.alive if allowed is None else self._alive_among(allowed)
        masked = allowed is not None or self.main_dead > 0
        main_alive = alive[: len(self.main.item_ids)] if masked else None
        hits = main.search(queries, limit, allowed=main_alive)
        return self._with_added(hits, queries, alive) if self.added_rows else hits

    def _with_added(self, hits: Hits, queries: Vectors, alive: Mask) -> Hits:
        main, limit = len(self.main.item_ids), hits.rows.shape[1]
        exact = ExactIndex(self.added_vectors)
        added = exact.search(queries, min(limit, self.delta_count), allowed=alive[main:])
        rows = np.where(added.rows < 0, -1, added.rows + main)
        return merged(hits, Hits(rows=rows, scores=added.scores), limit)

    def _alive_among(self, allowed: Mask) -> Mask:
        if allowed.dtype != np.bool_ or allowed.ndim != 1 or len(allowed) > self.row_count:
            raise ValueError(f"allowed is {allowed.dtype} {allowed.shape}; expected bool, at most {self.row_count}")
        alive = self.alive.copy()
        alive[: len(allowed)] &= allowed
        alive[len(allowed) :] = False
        return alive

    def _check_rows(self, rows: Rows) -> None:
        if rows.size and not (rows.min() >= 0 and rows.max() < self.row_count):
            raise ValueError(f"rows holds {rows.min()}..{rows.max()}; expected 0..{self.row_count - 1}")
