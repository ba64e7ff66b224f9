"""LiveIndex: a snapshot that takes updates and removals while others search it."""

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from index.exact import ExactIndex
from index.id_map import IdMap
from index.live_view import LiveView
from index.query import checked_vectors
from index.row_log import RowLog
from index.snapshot import IndexSnapshot
from index.vector_index import Hits, Mask, Rows, Vectors


class LiveIndex:
    """A main snapshot, what was added since, and tombstones; safe to read and write from many threads.

    Rows keep their meaning during the object's life: an updated item gets a new row and its old one dies.
    Each method sees one moment; `view` gives the moment itself, for several reads that must agree. A write
    publishes its whole batch at once. Writers wait for each other, readers never wait.
    """

    def __init__(self, snapshot: IndexSnapshot) -> None:
        """Start from `snapshot`, whose rows are the first; `open` says the same."""
        alive = _frozen(np.ones(len(snapshot.item_ids), dtype=np.bool_))
        nothing = np.empty((0, snapshot.index.dimension), dtype=np.float32)
        self._view = LiveView(snapshot, (), nothing, {}, alive, 0)
        self._ids: list[str] = []
        self._vectors = RowLog(snapshot.index.dimension)
        self._writing = threading.Lock()

    @classmethod
    def open(cls, snapshot: IndexSnapshot) -> "LiveIndex":
        """Return a live index whose first rows are those of `snapshot`."""
        return cls(snapshot)

    @classmethod
    def empty(cls, dimension: int) -> "LiveIndex":
        """Return a live index without items."""
        vectors = np.empty((0, dimension), dtype=np.float32)
        return cls.open(IndexSnapshot(IdMap(()), vectors, ExactIndex(vectors)))

    @property
    def view(self) -> LiveView:
        """The present moment, which later writes leave as it is."""
        return self._view

    def upsert(self, item_ids: Sequence[str], vectors: Vectors) -> None:
        """Add the items, or give them new `vectors` (n, dimension); of an id given twice the last counts.

        An item whose vector is unchanged keeps its row. Raises ValueError, and changes nothing, for another
        shape or numbers that are not finite.
        """
        vectors = checked_vectors("vectors", vectors, dimension=self.dimension)
        if len(vectors) != len(item_ids):
            raise ValueError(f"vectors has {len(vectors)} rows; expected {len(item_ids)}, one an item id")
        last = np.array(sorted({item: i for i, item in enumerate(item_ids)}.values()), dtype=np.int64)
        with self._writing:
            view = self._view
            rows = view.rows([item_ids[i] for i in last.tolist()])
            changed = rows < 0
            known = np.flatnonzero(~changed)
            changed[known] = (view.vectors(rows[known]) != vectors[last[known]]).any(axis=1)
            if changed.any():
                places = last[changed]
                view = self._without(view, rows[changed & (rows >= 0)])
                self._view = self._with(view, [item_ids[i] for i in places.tolist()], vectors[places])

    def remove(self, item_ids: Sequence[str]) -> NDArray[np.bool_]:
        """Remove the items; return for each (n,) whether it was there. Only an `upsert` brings one back."""
        with self._writing:
            rows = self._view.rows(item_ids)
            self._view = self._without(self._view, np.unique(rows[rows >= 0]))
        return rows >= 0

    @staticmethod
    def _without(view: LiveView, rows: Rows) -> LiveView:
        if not len(rows):
            return view
        alive = view.alive.copy()
        alive[rows] = False
        added_rows = dict(view.added_rows)
        main = rows < len(view.main.item_ids)
        for item_id in view.item_ids(rows[~main]):
            del added_rows[item_id]
        dead = view.main_dead + int(np.count_nonzero(main))
        return replace(view, alive=_frozen(alive), added_rows=added_rows, main_dead=dead)

    def _with(self, view: LiveView, item_ids: list[str], vectors: Vectors) -> LiveView:
        rows = range(view.row_count, view.row_count + len(item_ids))
        added_vectors = self._vectors.append(vectors)
        self._ids.extend(item_ids)
        return replace(
            view,
            added_ids=self._ids,
            added_vectors=added_vectors,
            added_rows={**view.added_rows, **dict(zip(item_ids, rows, strict=True))},
            alive=_frozen(np.concatenate((view.alive, np.ones(len(item_ids), dtype=np.bool_)))),
        )

    def __len__(self) -> int:
        """Return the number of living items."""
        return len(self._view)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._view.dimension

    @property
    def row_count(self) -> int:
        """The number of rows, dead ones included."""
        return self._view.row_count

    @property
    def alive(self) -> Mask:
        """(row_count,) True for each row that lives; read-only, not copied."""
        return self._view.alive

    @property
    def delta_count(self) -> int:
        """The number of rows added since the snapshot, dead ones included."""
        return self._view.delta_count

    @property
    def tombstone_count(self) -> int:
        """The number of dead rows."""
        return self._view.tombstone_count

    def rows(self, item_ids: Sequence[str]) -> Rows:
        """Return the living row of each item; see `LiveView.rows`."""
        return self._view.rows(item_ids)

    def item_ids(self, rows: Rows) -> list[str]:
        """Return the id of each row; see `LiveView.item_ids`."""
        return self._view.item_ids(rows)

    def vectors(self, rows: Rows) -> Vectors:
        """Return the vector of each row; see `LiveView.vectors`."""
        return self._view.vectors(rows)

    def search(self, queries: Vectors, limit: int, *, allowed: Mask | None = None) -> Hits:
        """Return the nearest living, allowed rows; see `LiveView.search`."""
        return self._view.search(queries, limit, allowed=allowed)


def _frozen(mask: Mask) -> Mask:
    mask.flags.writeable = False
    return mask
