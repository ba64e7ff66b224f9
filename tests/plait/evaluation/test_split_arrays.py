"""Splits survive being saved."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from plait.arrays_file import read_arrays, write_arrays
from plait.errors import BadData
from plait.evaluation.protocols import SPLITTERS
from plait.evaluation.split_arrays import from_arrays, to_arrays
from plait.evaluation.splitters import last_liked
from tests.plait.evaluation import logs
from tests.plait.evaluation.logs import Event, log_of


def test_a_file_gives_the_split_back(tmp_path: Path) -> None:
    names = {0: "none", 1: "007", 2: "NA", 3: "Ü,'\"\n", 4: "水"}
    rows: list[Event] = [("ann", names[step], float(step), 1.0) for step in range(5)]
    split = last_liked(log_of(rows), 7)
    write_arrays(tmp_path / "split.safetensors", to_arrays(split))
    loaded = from_arrays(read_arrays(tmp_path / "split.safetensors"))
    assert loaded.fingerprint == split.fingerprint
    assert list(loaded.item_ids) == list(names.values())
    assert (loaded.name, loaded.salt) == ("last-liked", 7)
    assert loaded.histories.now.tolist() == [3.0]


@pytest.mark.parametrize("protocol", SPLITTERS)
@given(rows=logs.events)
def test_round_trip(protocol: str, rows: list[Event]) -> None:
    try:
        splits = SPLITTERS[protocol](log_of(rows), 2)
    except BadData:
        return
    for split in splits:
        loaded = from_arrays(to_arrays(split))
        assert loaded.fingerprint == split.fingerprint
        assert (loaded.part, list(loaded.groups)) == (split.part, list(split.groups))
        for name in ("ties", "users", "pool", "targets", "target_offsets", "ratings"):
            np.testing.assert_array_equal(getattr(loaded, name), getattr(split, name))
        np.testing.assert_array_equal(loaded.train.times, split.train.times)
        np.testing.assert_array_equal(loaded.seen.items, split.seen.items)
        assert list(loaded.user_ids) == list(split.user_ids)


def test_a_missing_array_is_named() -> None:
    arrays = to_arrays(last_liked(logs.checkerboard(), 0))
    del arrays["learnt.times"], arrays["targets"]
    with pytest.raises(ValueError, match=r"arrays lack learnt\.times, targets"):
        from_arrays(arrays)
