"""The disguise says the same under other names, and a figure that moved is named."""

import csv
from pathlib import Path

import pytest
import typer

from scripts import bench_leaks
from tests.plait import toy

FIGURE = {"mean": 0.5, "low": 0.4, "high": 0.6}


@pytest.fixture
def items(tmp_path: Path) -> Path:
    folder = tmp_path / "catalogue"
    (folder / "images").mkdir(parents=True)
    rows = []
    for number in range(20):
        (folder / "images" / f"{number}.jpg").write_bytes(bytes([number]))
        picture = f"images/{number}.jpg" if number % 4 else ""
        rows.append({"item_id": f"item-{number}", "title": f"Title {number}", "image": picture})
    return toy.write_table(folder / "items.csv", rows)


def content(path: Path) -> dict[str, bytes]:
    """Return the picture's bytes by title, which no disguise changes."""
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {row["title"]: (path.parent / row["image"]).read_bytes() if row["image"] else b"" for row in rows}


def test_a_disguise_says_the_same_under_other_names(items: Path, tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    path = bench_leaks.disguised(tmp_path / "media", items, 1)
    assert content(path) == content(items)
    assert list(content(path)) != list(content(items))
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len({row["item_id"] for row in rows}) == 20
    for row in rows:
        assert not row["item_id"].startswith("item")
        assert not row["image"] or (row["image"].endswith(".jpg") and "images" not in row["image"])
    (tmp_path / "other").mkdir()
    other = bench_leaks.disguised(tmp_path / "other", items, 2)
    assert other.read_text() != path.read_text()


@pytest.mark.parametrize(("mean", "out"), [(0.45, []), (0.39, ["plait hit@10"]), (0.61, ["plait hit@10"])])
def test_a_figure_that_moved_is_named(mean: float, out: list[str]) -> None:
    said: list[str] = []
    plain = {"plait": {"hit@10": FIGURE, "mrr": FIGURE}}
    other = {"plait": {"hit@10": FIGURE | {"mean": mean}, "mrr": FIGURE}}
    assert bench_leaks.moved(plain, other, said.append) == out
    assert len(said) == 2
    assert ("MOVED" in said[0]) == bool(out)


def test_the_exit_code_says_whether_any_moved(items: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    means = iter([0.5, 0.45, 0.5, 0.9])

    def found(*_: object) -> dict[str, dict[str, dict[str, float]]]:
        return {"plait": {"hit@10": FIGURE | {"mean": next(means)}}}

    monkeypatch.setattr(bench_leaks, "evaluated", found)
    bench_leaks.main(items)
    with pytest.raises(typer.Exit):
        bench_leaks.main(items)
