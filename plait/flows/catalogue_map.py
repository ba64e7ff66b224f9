"""Catalogue map: the items' fused vectors laid out on a plane, for eyes."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedders.items import Item
from index.live_view import LiveView
from index.vector_index import Rows
from plait.attributes import AttributeType
from plait.live import Live

MOST_POINTS = 4_000
"""More would hide one another; of a larger catalogue every n-th item is drawn."""
CATEGORIES = "categories"
GROUPING = (AttributeType.CATEGORY, AttributeType.SEVERAL)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Axes:
    """Where a plane lies: `centre` (d,), `directions` (2, d) orthonormal, `reach` of its farthest coordinate."""

    centre: Floats
    directions: Floats
    reach: float

    def place(self, vectors: NDArray[np.float32]) -> Floats:
        """Return (n, 2) coordinates; those that the axes were fitted to lie within -1 and 1."""
        placed: Floats = (vectors.astype(np.float64) - self.centre) @ self.directions.T / self.reach
        return placed


def fit_axes(vectors: NDArray[np.float32]) -> Axes:
    """Return the first two principal components of vectors (n, d), each so that its largest entry is positive.

    Where fewer than two directions vary, what is missing is a zero direction.
    """
    exact = vectors.astype(np.float64)
    centre = exact.mean(axis=0) if len(exact) else np.zeros(exact.shape[1])
    directions = np.zeros((2, exact.shape[1]))
    found = np.linalg.svd(exact - centre, full_matrices=False)[2][:2] if len(exact) > 1 else directions[:0]
    largest = np.abs(found).argmax(axis=1)
    directions[: len(found)] = found * np.sign(found[np.arange(len(found)), largest])[:, None]
    reach = float(np.abs((exact - centre) @ directions.T).max(initial=0.0))
    return Axes(centre, directions, reach or 1.0)


@dataclass(frozen=True, slots=True)
class CatalogueMap:
    """Items (n) with their places (n, 2) on the plane, and the value by which each is coloured, "" for none."""

    item_ids: tuple[str, ...]
    titles: tuple[str, ...]
    places: Floats
    groups: tuple[str, ...]
    by: str
    columns: tuple[str, ...]


class MapDrawer:
    """Draws the map of a workspace; the axes are fitted once a snapshot, so that live changes move no other item."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._lock = threading.Lock()
        self._axes: tuple[object, Axes] | None = None

    def draw(self, by: str = "") -> CatalogueMap:
        """Return the map coloured by a column, by default the first that groups items; an unknown one colours none."""
        view = self._live.refresh().index
        rows = np.flatnonzero(view.alive)
        rows = rows[:: max(1, -(-len(rows) // MOST_POINTS))]
        item_ids = view.item_ids(rows)
        stored = self._live.workspace.store.items_by_id(item_ids)
        items = [stored[item_id].item if item_id in stored else Item(item_id) for item_id in item_ids]
        columns = self._columns(items)
        by = by or next(iter(columns), "")
        groups = tuple(_first(item, by) for item in items)
        places = self._fitted(view, rows).place(view.vectors(rows))
        return CatalogueMap(tuple(item_ids), tuple(i.title for i in items), places, groups, by, columns)

    def _columns(self, items: Sequence[Item]) -> tuple[str, ...]:
        kinds = self._live.workspace.store.attribute_types()
        own = (CATEGORIES,) if any(item.categories for item in items) else ()
        return own + tuple(name for name, kind in kinds.items() if kind in GROUPING)

    def _fitted(self, view: LiveView, rows: Rows) -> Axes:
        with self._lock:
            if self._axes is None or self._axes[0] is not view.main:
                self._axes = (view.main, fit_axes(view.vectors(rows)))
            return self._axes[1]


def _first(item: Item, column: str) -> str:
    value = item.categories if column == CATEGORIES else item.attributes.get(column, "")
    if isinstance(value, tuple):
        return str(value[0]) if value else ""
    return str(value)
