"""A disk mounted read-only: whatever reads answers as before, whatever writes says one line."""

import subprocess
from pathlib import Path

import pytest

from plait.flows.check import check
from plait.recommender import Recommender
from tests.copying import copied
from tests.plait import toy
from tests.system import disks
from tests.system.commands import answer_of, run_plait

pytestmark = pytest.mark.system

READS = {
    "check": ("check",),
    "status": ("status",),
    "recommend": ("recommend", "--user", "user-0"),
    "search": ("search", "bread and soup"),
    "similar": ("similar", "space-0"),
    "models": ("models", "list"),
    "profile": ("profile", "user-1"),
    "score": ("score", "--pairs"),
}


def remount(place: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(place)], check=True)


def asked(workspace: Path, pairs: Path) -> dict[str, object]:
    rows = {"score": [pairs]}
    return {name: answer_of(command, workspace, *rest, *rows.get(name, [])) for name, (command, *rest) in READS.items()}


def test_what_reads_answers_and_what_writes_says_one_line(toy_folder: Path, disk: Path, tmp_path: Path) -> None:
    workspace = copied(toy_folder / "workspace", disk / "workspace")
    items = toy.write_table(tmp_path / "items.csv", [{**toy.items()[0], "title": "Another"}])
    pairs = toy.write_table(tmp_path / "pairs.csv", [{"user_id": "user-1", "item_id": "space-0"}])
    # Changes behind the snapshot are read from the store and from the cache of vectors.
    late = toy.write_table(tmp_path / "late.csv", [{**toy.items()[3], "item_id": "late"}])
    answer_of("add", workspace, "--items", late)
    before = asked(workspace, pairs)
    remount(disk, "ro")
    try:
        assert asked(workspace, pairs) == before
        for call in (
            ("record", workspace, "--user", "u", "--item", "space-0"),
            ("add", workspace, "--items", items),
            ("update", workspace, "--items", items),
            ("remove", workspace, "space-0"),
            ("build", workspace, "--items", items),
            ("train", workspace, "--budget", "4s"),
            ("models", workspace, "rollback"),
            ("user", workspace, "erase", "user-3"),
            ("backup", workspace, tmp_path / "b.tar"),
            ("check", workspace, "--repair"),
        ):
            outcome = run_plait(*call)
            said = [line for line in outcome.stderr.splitlines() if not line.startswith("Loading weights")]
            assert (outcome.returncode, len(said)) == (1, 1), outcome.stderr
            assert any(word in said[0] for word in ("may not be written to", "readonly", "Read-only")), said
    finally:
        remount(disk, "rw")
    assert Recommender.open(workspace).record([{"user_id": "u", "item_id": "space-0", "event": "like"}]).accepted == 1
    assert check(workspace) == []


def test_what_is_written_elsewhere_is_followed_through_a_read_only_mount(workspace: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    disks.mounted(there, "--bind", workspace)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(there)], check=True)
        reader = Recommender.open(there)
        assert reader.profile("writer").events == 0
        writer = Recommender.open(workspace)
        for number in range(1, 4):
            writer.record([{"user_id": "writer", "item_id": f"space-{number}", "event": "like"}])
            assert reader.profile("writer").events == number
            assert reader.recommend("writer").items
    finally:
        disks.unmount(there)
