"""A text is found in files however it is written, across pieces that are read one by one."""

import json
from pathlib import Path

import pytest

from plait import traces
from plait.traces import files_that_hold, search

TEXT = 'zoë "q\\" 用户'
WAYS = {
    "utf-8": TEXT.encode(),
    "utf-16-le": TEXT.encode("utf-16-le"),
    "utf-16-be": TEXT.encode("utf-16-be"),
    "escaped": json.dumps([TEXT]).encode(),
    "json": json.dumps({TEXT: 1}, ensure_ascii=False).encode(),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("before", [0, 1, 15, 16, 17, 40])
def test_every_way_at_every_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, before: int) -> None:
    monkeypatch.setattr(traces, "AT_ONCE", 16)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "held").write_bytes(b"\0" * before + WAYS[way] + b"\0" * 7)
    (tmp_path / "other").write_bytes(WAYS[way][:-8] + b"...")
    assert search(tmp_path, TEXT) == ["in/held"]


def test_another_process_finds_the_same(tmp_path: Path) -> None:
    for place, way in enumerate(WAYS):
        (tmp_path / f"zoë {place}").write_bytes(b"\0" + WAYS[way])
    assert files_that_hold(tmp_path, TEXT) == search(tmp_path, TEXT) == [f"zoë {place}" for place in range(len(WAYS))]
    assert files_that_hold(tmp_path, "\udcff somebody") == []


def test_a_name_of_a_file_counts(tmp_path: Path) -> None:
    (tmp_path / "of-somebody.txt").touch()
    assert files_that_hold(tmp_path, "somebody") == ["of-somebody.txt"]
