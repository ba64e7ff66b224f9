"""Overlaid: an array with other rows laid over it, beside a copy of it in which they were written."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ranker.overlaid import Overlaid


@given(st.integers(1, 9), st.data())
def test_it_is_an_array_in_which_rows_were_written(count: int, data: st.DataObject) -> None:
    base = np.arange(3.0 * count, dtype=np.float32).reshape(count, 3)
    written = base.copy()
    rows = np.asarray(data.draw(st.lists(st.integers(0, count - 1), unique=True)), dtype=np.int64)
    values = -1 - np.arange(3.0 * len(rows), dtype=np.float32).reshape(len(rows), 3)
    written[rows] = values
    laid = Overlaid.over(base, rows, values)
    some = np.asarray(data.draw(st.lists(st.integers(0, count - 1), max_size=8)), dtype=np.int64)
    for asked in (some, np.tile(some, (2, 1)), count - 1):
        np.testing.assert_array_equal(laid[asked], written[asked])
    np.testing.assert_array_equal(np.asarray(laid), written)
    # What is handed out is the caller's.
    laid[np.arange(count)][:] = 0.0
    np.testing.assert_array_equal(np.asarray(laid), written)
    assert base.tolist() == np.arange(3.0 * count).reshape(count, 3).tolist()
