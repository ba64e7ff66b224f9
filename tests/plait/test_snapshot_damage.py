"""Snapshots set aside: nothing reads them, their numbers stay taken, and their contents can be dropped."""

from pathlib import Path

from plait import snapshot
from plait.snapshot_damage import drop_set_aside, numbers_set_aside, set_aside


def publish(folder: Path) -> int:
    def write(new: Path) -> None:
        (new / "inner").mkdir()
        (new / "inner" / "names.json").write_text("somebody")
        (new / "names.json").write_text("somebody")

    return snapshot.publish(folder, write, sequence=1, encoders={}, details={}).number


def test_numbers_stay_taken_and_contents_go(tmp_path: Path) -> None:
    assert [publish(tmp_path) for _ in range(3)] == [1, 2, 3]
    mark = set_aside(tmp_path, [2, 3], ["CURRENT", "absent"])
    assert snapshot.numbers(tmp_path) == [1]
    assert snapshot.current(tmp_path) is None
    assert numbers_set_aside(tmp_path) == [2, 3]
    assert (tmp_path / f"CURRENT.damaged-{mark}").read_text() == "3"
    assert publish(tmp_path) == 4
    drop_set_aside(tmp_path)
    assert not list(tmp_path.glob("damaged-*/*"))
    assert numbers_set_aside(tmp_path) == [2, 3]
    assert publish(tmp_path) == 5


def test_where_nothing_was_set_aside(tmp_path: Path) -> None:
    assert numbers_set_aside(tmp_path / "missing") == []
    drop_set_aside(tmp_path / "missing")
