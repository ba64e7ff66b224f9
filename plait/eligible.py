"""Which rows of an index may be ranked."""

from collections.abc import Callable

import numpy as np

from index import LiveView
from index.vector_index import Mask
from plait.item_table import ItemTable
from plait.selection import Selection
from plait.where import parse_where


def eligible_rows(view: LiveView, selection: Selection, table: Callable[[], ItemTable]) -> Mask | None:
    """Return (row_count,) which rows may be ranked, None where all living ones may; the table is read where needed."""
    if selection.is_whole:
        return None
    allowed = view.alive.copy()
    if selection.candidates is not None:
        chosen = np.zeros(len(allowed), dtype=np.bool_)
        rows = view.rows(list(selection.candidates))
        chosen[rows[rows >= 0]] = True
        allowed &= chosen
    if selection.where:
        mask = parse_where(selection.where).mask(table())
        allowed[: len(mask)] &= mask[: len(allowed)]
    return allowed
