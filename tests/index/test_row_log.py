"""RowLog: earlier views stay as they were while the log grows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.row_log import RowLog
from tests.index.clouds import cloud


@given(sizes=st.lists(st.integers(0, 40), max_size=12))
def test_every_view_keeps_its_moment(sizes: list[int]) -> None:
    log, seen = RowLog(3), []
    whole = cloud(sum(sizes), seed=1, dimension=3)
    start = 0
    for size in sizes:
        seen.append((start + size, log.append(whole[start : start + size])))
        start += size
    for count, view in seen:
        np.testing.assert_array_equal(view, whole[:count])


def test_views_cannot_be_written() -> None:
    view = RowLog(2).append(np.ones((1, 2), dtype=np.float32))
    with pytest.raises(ValueError, match="read-only"):
        view[0, 0] = 5


def test_appending_does_not_copy_each_time() -> None:
    log = RowLog(1)
    addresses = {log.append(np.zeros((1, 1), dtype=np.float32)).ctypes.data for _ in range(1000)}
    assert len(addresses) < 12
