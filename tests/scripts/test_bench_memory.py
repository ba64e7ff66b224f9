"""The catalogue whose building is measured is real text of a seed, and each measurement is of one process."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import bench_memory


def test_the_catalogue_is_of_the_seed(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        bench_memory.write_catalogue(tmp_path / name, 50, seed)
    assert (tmp_path / "one").read_text() == (tmp_path / "same").read_text()
    assert (tmp_path / "one").read_text() != (tmp_path / "other").read_text()
    with (tmp_path / "one").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len({row["item_id"] for row in rows}) == 50
    assert len({row["description"] for row in rows}) == 50
    assert all(2 <= len(row["title"].split()) <= 6 and 10 <= len(row["description"].split()) <= 80 for row in rows)


MEASURE = """
import sys
from pathlib import Path
from scripts import bench_memory
for megabytes in (300, 150):
    bench_memory.PLAIT = [sys.executable, "-c", f"held = b'x' * ({megabytes} << 20)"]
    print(bench_memory.peak_of_build(Path(), Path())[0])
"""


def test_each_process_is_measured_alone() -> None:
    # In a small process: to a child's peak counts what its parent held when it was started.
    said = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True).stdout
    large, small = map(int, said.split())
    assert large - small == pytest.approx(150 << 20, rel=0.1)


def test_a_build_that_failed_is_no_figure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench_memory, "PLAIT", [sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(SystemExit, match="exit code 3"):
        bench_memory.peak_of_build(tmp_path, tmp_path)


def test_what_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bench_memory, "peak_of_build", lambda workspace, items: (1_000_000_000, 2.0))
    bench_memory.main([20, 10], as_json=True)
    assert json.loads(capsys.readouterr().out) == [
        {"items": count, "peak_bytes": 1_000_000_000, "vector_bytes": 1_536 * count, "cpu_seconds": 2.0}
        for count in (10, 20)
    ]
    bench_memory.main([20, 10])
    assert "10 -> 20: 0 bytes more an item; its vector has 1536" in capsys.readouterr().out
