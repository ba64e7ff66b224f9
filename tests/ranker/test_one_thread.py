"""One thread: BLAS and torch are held to it, and have what they had afterwards, whatever happened."""

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

from ranker.one_thread import one_thread


def threads() -> list[int]:
    np.linalg.inv(np.eye(2))  # BLAS is loaded
    return [torch.get_num_threads(), *(int(pool["num_threads"]) for pool in threadpool_info())]


def test_everything_is_held_and_given_back() -> None:
    before = threads()
    with one_thread():
        assert set(threads()) == {1}
    assert threads() == before


def test_a_failure_gives_them_back_too() -> None:
    before = threads()
    with pytest.raises(RuntimeError), one_thread():
        raise RuntimeError
    assert threads() == before
