"""Durable files: what is flushed, and in which order."""

import os
import shutil
from pathlib import Path

import pytest

from plait.durable import refusal, replace_text, sync_tree


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gathers what is flushed and renamed, by name, in order."""
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        done.append(f"flush {Path(os.readlink(f'/proc/self/fd/{handle}')).name}")
        fsync(handle)

    def noted_replace(self: Path, target: Path) -> Path:
        done.append(f"rename to {target.name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    return done


def test_a_text_is_flushed_before_it_gets_its_name(tmp_path: Path, steps: list[str]) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    replace_text(folder / "CURRENT", "12 é")
    assert (folder / "CURRENT").read_text(encoding="utf-8") == "12 é"
    assert steps == ["flush CURRENT.new", "rename to CURRENT", "flush folder"]
    assert [path.name for path in folder.iterdir()] == ["CURRENT"]


def test_a_leftover_of_a_killed_writer_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").write_text("1")
    (tmp_path / "CURRENT.new").write_text("a very long leftover")
    replace_text(tmp_path / "CURRENT", "2")
    assert (tmp_path / "CURRENT").read_text() == "2"


def test_every_file_and_folder_is_flushed(tmp_path: Path, steps: list[str]) -> None:
    folder = tmp_path / "tree"
    (folder / "inner" / "deep").mkdir(parents=True)
    (folder / "a").write_bytes(b"a")
    (folder / "inner" / "b").write_bytes(b"b")
    sync_tree(folder)
    assert sorted(steps) == ["flush a", "flush b", "flush deep", "flush inner", "flush tree"]
    assert steps[-1] == "flush tree"


def test_what_the_disk_said_is_a_few_words(tmp_path: Path) -> None:
    assert refusal(OSError(28, "No space left on device", "x")) == "No space left on device"
    assert refusal(OSError("FAISS cannot write")) == "FAISS cannot write"
    copied = shutil.Error([("a", "b", "[Errno 28] No space left on device"), ("c", "d", "[Errno 28] too")])
    assert refusal(copied) == "[Errno 28] No space left on device"
    assert refusal(shutil.Error("are the same file")) == "are the same file"
