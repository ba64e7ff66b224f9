"""Met: who met which item, each pair once."""

from typing import TYPE_CHECKING

import numpy as np

from index.vector_index import Rows
from ranker.interactions import Floats, Histories
from ranker.nearness import once

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def matrix(histories: Histories, item_count: int, weights: Floats | None = None) -> "csr_array":
    """Return (m, item_count) the `weights` (entries,) of histories that hold each pair once; 1 for None."""
    from scipy.sparse import csr_array

    values = np.ones(len(histories.items), dtype=np.float32) if weights is None else weights
    return csr_array((values, (histories.users, histories.items)), shape=(len(histories), item_count))


def met(histories: Histories, item_count: int, *, liked: bool = False) -> "csr_array":
    """Return (m, item_count) 1 where a user met an item, with `liked` only where some event liked it."""
    return matrix(once(histories, liked=liked), item_count)


def places(histories: Histories) -> Rows:
    """Return (entries,) how many entries of the same user are newer; 0 for the newest."""
    return histories.offsets[1:][histories.users] - 1 - np.arange(len(histories.items))
