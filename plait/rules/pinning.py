"""Pinning: which candidates stand at exact places of a user's list."""

from collections.abc import Sequence

import numpy as np

from index.vector_index import Rows
from plait.moment import Moment
from plait.rules.settings import Pin
from ranker.caps import Cap, Room


def pinned(moment: Moment, pins: Sequence[Pin], rows: Rows, caps: Sequence[Cap]) -> dict[int, int]:
    """Return by place, counted from 0, the candidate that stands there, of those at `rows` (c,), best first.

    A pin names an item, or the best that passes its `where` and that no pin before it has. One whose item is no
    candidate, because it is left out or not eligible, or that a cap has no room for, is passed over.
    """
    if not pins:
        return {}
    room, found = Room(len(rows), caps), dict[int, int]()
    for pin in pins:
        fits = room.free.copy()
        if pin.where:
            fits &= moment.live.rules.passing(moment, pin.where)[rows]
        if pin.item:
            fits &= rows == moment.index.rows([pin.item])[0]
        if fits.any():
            found[pin.place - 1] = int(np.argmax(fits))
            room.take(found[pin.place - 1])
    return found
