"""Opening: by suffix, then by content; nothing is imported that is not needed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from plait.errors import BadData, WrongCall
from plait.tables import open_table

CSV = "item_id,title\n007,x\n"
JSONL = '{"item_id": "007", "title": "x"}\n'


def files(folder: Path) -> dict[str, Path]:
    (folder / "a.csv").write_text(CSV, encoding="utf-8")
    (folder / "a.jsonl").write_text(JSONL, encoding="utf-8")
    pq.write_table(pa.table({"item_id": ["007"], "title": ["x"]}), folder / "a.parquet")
    return {kind: folder / f"a.{kind}" for kind in ("csv", "jsonl", "parquet")}


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("suffix", ["", ".CSV", ".txt", ".data"])
def test_the_same_table_under_any_name(tmp_path: Path, kind: str, suffix: str) -> None:
    path = files(tmp_path)[kind]
    if suffix == ".CSV" and kind != "csv":
        suffix = f".{kind.upper()}"
    other = Path(shutil.copy(path, tmp_path / f"other{suffix}"))
    for named in (path, other, str(other)):
        rows = open_table(named, "items")
        assert rows.columns == ("item_id", "title")
        assert rows.folder == tmp_path.resolve()
        assert rows.name == Path(named).name
        assert [dict(row.cells) for row in rows] == [{"item_id": "007", "title": "x"}]


def test_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "no.csv", tmp_path):
        with pytest.raises(WrongCall, match="is not a file"):
            open_table(path, "items")


def test_a_json_array(tmp_path: Path) -> None:
    (tmp_path / "items.json").write_text(f"[{JSONL}]", encoding="utf-8")
    with pytest.raises(BadData, match="expected one JSON object a line"):
        open_table(tmp_path / "items.json", "items")


def test_require(tmp_path: Path) -> None:
    rows = open_table(files(tmp_path)["csv"], "items")
    rows.require("item_id")
    rows.require("image", "title")
    with pytest.raises(BadData, match=r"a\.csv: no column image or audio; it has item_id, title"):
        rows.require("image", "audio")


def test_reading_a_csv_imports_no_library_of_tables(tmp_path: Path) -> None:
    path = files(tmp_path)["csv"]
    heavy = "{'pyarrow', 'pandas', 'polars', 'torch', 'faiss', 'scipy', 'PIL', 'sqlalchemy'}"
    code = (
        "import sys; from plait.catalog import read_ids; "
        f"assert read_ids({str(path)!r}) == ['007']; print(sorted({heavy} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
