"""Checkpoints: what is written comes back to the last bit, and a crash while writing loses nothing."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ranker.sequence_checkpoint import Checkpoint, file_of, fingerprint, read_checkpoint, write_checkpoint
from tests.ranker.logs import random_log
from tests.ranker.sequences import SMALL, vectors_of

CURVE = ((1, 0.1), (2, 1 / 3))


def _state(number: float = 1.5) -> Checkpoint:
    arrays = {"network/table": np.full((3, 2), number, np.float32).T, "best/met": np.asarray([True, False])}
    return Checkpoint(arrays, 2, 7, CURVE)


def test_round_trip(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "deep" / "er", "one", _state())
    found = read_checkpoint(tmp_path / "deep" / "er", "one")
    assert found is not None
    assert (found.epochs, found.steps, found.curve) == (2, 7, CURVE)
    assert found.arrays.keys() == _state().arrays.keys()
    for name, array in _state().arrays.items():
        np.testing.assert_array_equal(found.arrays[name], array)
        assert found.arrays[name].dtype == array.dtype


def test_there_may_be_none_or_one_of_another_run(tmp_path: Path) -> None:
    assert read_checkpoint(tmp_path / "nowhere", "one") is None
    write_checkpoint(tmp_path, "one", _state())
    assert read_checkpoint(tmp_path, "two") is None
    file_of(tmp_path, "one").rename(file_of(tmp_path, "two"))
    assert read_checkpoint(tmp_path, "two") is None
    file_of(tmp_path, "one").write_bytes(b"no tensors")
    assert read_checkpoint(tmp_path, "one") is None


def test_several_runs_share_a_folder(tmp_path: Path) -> None:
    for number, name in enumerate(("one", "two", "one")):
        write_checkpoint(tmp_path, name, _state(float(number)))
    found = [read_checkpoint(tmp_path, name) for name in ("one", "two")]
    assert [state and state.arrays["network/table"][0, 0] for state in found] == [2.0, 1.0]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_crash_while_writing_leaves_the_former(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_checkpoint(tmp_path, "one", _state())

    def full(_: int) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="no space"):
            write_checkpoint(tmp_path, "one", _state(9.0))
    found = read_checkpoint(tmp_path, "one")
    assert found is not None
    assert found.arrays["network/table"][0, 0] == 1.5


def test_a_fingerprint_tells_runs_apart() -> None:
    log, vectors = random_log(9, 5, 40), vectors_of(5)
    names = {
        fingerprint(log, vectors, SMALL, epochs=None, seed=0),
        fingerprint(log, vectors, SMALL, epochs=0, seed=0),
        fingerprint(log, vectors, SMALL, epochs=None, seed=1),
        fingerprint(log, vectors + 1, SMALL, epochs=None, seed=0),
        fingerprint(log, vectors, replace(SMALL, mask=0.1), epochs=None, seed=0),
        fingerprint(random_log(9, 5, 40, seed=1), vectors, SMALL, epochs=None, seed=0),
    }
    assert len(names) == 6
    assert fingerprint(random_log(9, 5, 40), vectors_of(5), SMALL, epochs=None, seed=0) in names
