"""Named arrays come back as they were; what the disk refuses names the file."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from plait.arrays_file import mapped_arrays, read_arrays, write_arrays
from plait.errors import BadData

Read = Callable[[Path], dict[str, np.ndarray]]
READS = pytest.mark.parametrize("read", [read_arrays, mapped_arrays])


@READS
def test_round_trip(tmp_path: Path, read: Read) -> None:
    arrays = {"a": np.arange(6.0).reshape(2, 3), "none": np.zeros((0, 4), np.float32), "b.c": np.array([1, 2])}
    arrays |= {"flags": np.array([True, False, True]), "half": np.ones(3, np.float16), "one": np.array([[7.5]])}
    write_arrays(tmp_path / "x.safetensors", arrays)
    found = read(tmp_path / "x.safetensors")
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_what_cannot_be_written_or_read_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"missing/x\.safetensors cannot be written: "):
        write_arrays(tmp_path / "missing" / "x.safetensors", {"a": np.zeros(1)})
    with pytest.raises(BadData, match=r"x\.safetensors cannot be read"):
        read_arrays(tmp_path / "x.safetensors")


@READS
@pytest.mark.parametrize("kept", [0, 4, 40, -1])
def test_a_file_that_was_cut_is_refused(tmp_path: Path, read: Read, kept: int) -> None:
    path = tmp_path / "x.safetensors"
    write_arrays(path, {"a": np.arange(100.0)})
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(BadData, match=r"x\.safetensors cannot be read"):
        read(path)


def test_mapped_arrays_are_no_copies(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    write_arrays(path, {"a": np.arange(6.0), "b": np.arange(3, dtype=np.int32)})
    for array in mapped_arrays(path).values():
        assert not array.flags.writeable
        assert not array.flags.owndata
