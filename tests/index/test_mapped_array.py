"""Mapped arrays, beside what NumPy reads."""

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from index.mapped_array import mapped_array

KINDS = st.sampled_from(["<f4", "<f8", "<i4", "<i8", "|u1", "|b1", ">i2"])
SHAPES = array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(KINDS.flatmap(lambda kind: arrays(kind, SHAPES)), st.booleans())
def test_it_is_what_numpy_reads(tmp_path: Path, array: Any, turned: bool) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.asfortranarray(array) if turned else array)
    mine, theirs = mapped_array(path), np.load(path, allow_pickle=False)
    assert (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape)
    np.testing.assert_array_equal(mine, theirs)
    assert mine.flags.c_contiguous == theirs.flags.c_contiguous


def test_it_is_not_written_to_and_no_source_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "a.npy", np.arange(6.0).reshape(2, 3))

    def read(*_: object, **__: object) -> None:
        raise AssertionError("two threads at once must not do this")

    monkeypatch.setattr(ast, "parse", read)
    found = mapped_array(tmp_path / "a.npy")
    assert found.tolist() == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0] = 1


@pytest.mark.parametrize("cut", [0, 4, 9, 40, 127, 130])
def test_a_file_that_is_cut_off(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.arange(6.0))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ValueError):  # noqa: PT011 - whichever part is missing
        mapped_array(path)


@pytest.mark.parametrize("wrong", [b"'<z9'", b"'|O8'", b"__import__('os')"])
def test_a_head_that_says_something_else(tmp_path: Path, wrong: bytes) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.arange(6.0))
    path.write_bytes(path.read_bytes().replace(b"'<f8'", wrong))
    with pytest.raises(ValueError):  # noqa: PT011 - a kind, or no head at all
        mapped_array(path)
