"""A workspace made by the code of the first days opens, migrates and is whole, and nothing stored is lost."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from plait.store import versions
from tests.plait import toy
from tests.system.commands import PLAIT, answer_of, run_plait

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
COMMITS = {
    "f2ad94ad25b0a255320d0c14f0ab070fddfff2a5": "the first in which build, train, recommend and check all worked",
    "2b485d1d6e205798eec33a2870ee1c22938e8f1a": "the one at which the main job was closed",
}
TABLES = ("items", "events", "users", "relations", "attribute_types")
Rows = dict[str, list[dict[str, object]]]


def old_code(commit: str, folder: Path) -> Path:
    """Put the code of a commit into a folder; skips where the history does not hold it."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no git history here: the old code is not at hand")
    packed = folder / "old.tar"
    call = ["git", "-C", ROOT, "archive", "--output", packed, commit, "embedders", "index", "ranker", "plait"]
    made = subprocess.run(list(map(str, call)), capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"the history here does not hold {commit[:7]}: {made.stderr.strip()}")
    shutil.unpack_archive(packed, folder / "old", filter="data")
    return folder / "old"


def rows_of(workspace: Path) -> Rows:
    """Return all that is stored, by table, in a fixed order."""
    with closing(sqlite3.connect(workspace / "store.db")) as connection:
        connection.row_factory = sqlite3.Row
        found = {table: [dict(row) for row in connection.execute(f"SELECT * FROM {table}")] for table in TABLES}
    return {table: sorted(rows, key=str) for table, rows in found.items()}


def make(old: Path, workspace: Path, folder: Path) -> None:
    """Build, train, record, update and remove by the old code, and see that it finds its work whole."""
    items = toy.write_table(folder / "items.csv", toy.items())
    log = toy.write_table(folder / "log.csv", toy.interactions())
    years = toy.write_table(folder / "years.csv", [{"item_id": "space-2", "year": "2031"}])
    for call in (
        ("build", workspace, "--items", items, "--interactions", log),
        ("train", workspace, "--budget", "20s"),
        ("record", workspace, "--user", "user-1", "--item", "space-4", "--event", "like", "--at", "1700900000"),
        ("update", workspace, "--items", years),
        ("remove", workspace, "space-5"),
        ("check", workspace),
    ):
        # The folder in which -c runs comes first among those that modules are looked for in.
        outcome = subprocess.run([*PLAIT, *map(str, call)], cwd=old, capture_output=True, text=True, check=False)
        assert outcome.returncode == 0, outcome.stderr
    where = subprocess.run(
        [sys.executable, "-c", "import plait; print(plait.__file__)"],
        cwd=old,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(where.stdout.strip()).is_relative_to(old)


@pytest.mark.parametrize("commit", COMMITS)
def test_an_old_workspace_migrates_and_nothing_is_lost(tmp_path: Path, commit: str) -> None:
    workspace = tmp_path / "workspace"
    make(old_code(commit, tmp_path), workspace, tmp_path)
    before = rows_of(workspace)
    assert (len(before["items"]), len(before["events"])) == (24, 61)
    # Opening brings the store up to date; what was encoded by an earlier version is said, with what mends it.
    status = answer_of("status", workspace)
    assert (status["items"], status["events"]) == (23, 61)
    with closing(sqlite3.connect(workspace / "store.db")) as connection:
        found = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()[0]
    assert found == str(versions.version())
    checked = run_plait("check", workspace, "--json")
    (problem,) = json.loads(checked.stdout)["problems"]
    assert "of an earlier version" in problem
    assert "`plait check --repair`" in problem
    # One call migrates the rest: the index is made anew from the store.
    mended = answer_of("check", workspace, "--repair")
    assert mended["ok"]
    assert "made anew from the store" in mended["mended"][0]
    assert answer_of("check", workspace) == {"ok": True, "problems": []}
    # A column that came later is empty.
    added = {"events": {"recorded": None}}
    assert rows_of(workspace) == {
        table: sorted(({**row, **added.get(table, {})} for row in rows), key=str) for table, rows in before.items()
    }
    # Models of an earlier version are passed over, and it is said, until the next training.
    answer = answer_of("recommend", workspace, "--user", "user-1", "--limit", "30", "--include-seen")
    assert answer["model"].endswith("untrained")
    assert ["was made by another version" in note for note in answer["notes"]] == [True]
    assert len(answer["items"]) == 23
    assert "space-5" not in {item["item_id"] for item in answer["items"]}
    assert answer_of("train", workspace, "--budget", "10s")["model"] == 2
    assert answer_of("recommend", workspace, "--user", "user-1")["notes"] == []
    # Nothing is encoded again that was not of another encoder, and the same table changes nothing.
    kept = [row for row in toy.items() if row["item_id"] != "space-5"]
    kept = [{**row, "year": "2031"} if row["item_id"] == "space-2" else row for row in kept]
    items = toy.write_table(tmp_path / "again.csv", kept)
    counts = answer_of("build", workspace, "--items", items)
    assert (counts["items"]["unchanged"], counts["encoded"]["text"]) == (23, 0)


def newer_store(workspace: Path) -> None:
    with closing(sqlite3.connect(workspace / "store.db")) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
        connection.commit()


def newer_json(path: Path) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "format": 99}), encoding="utf-8")


@pytest.mark.parametrize("what", ["store", "index manifest", "index", "models"])
def test_what_a_newer_plait_wrote_is_refused_in_one_line(workspace: Path, what: str) -> None:
    """Only models are passed over: the answer says which, and that Plait should be upgraded."""
    if what == "store":
        newer_store(workspace)
    else:
        folder, name = {
            "index manifest": ("index", "manifest.json"), "index": ("index", "index.json"),
            "models": ("models", "manifest.json"),
        }[what]  # fmt: skip
        newer_json(workspace / folder / "000001" / name)
    outcome = run_plait("recommend", workspace, "--user", "user-0")
    (line,) = outcome.stderr.splitlines()
    assert line.startswith("plait: ")
    assert "upgrade Plait" in line
    assert outcome.returncode == (0 if what == "models" else 1)
