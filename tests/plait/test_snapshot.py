"""Snapshots: published whole or not at all, kept, verified, refused."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait import snapshot
from plait.errors import BadData
from plait.snapshot import FORMAT, KEPT, Snapshot, current, current_number, publish, verify

ENCODERS = {"text": "minilm", "image": "cnn"}


def writer(content: bytes = b"content") -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "inner").mkdir()
        (folder / "vectors.npy").write_bytes(content)
        (folder / "inner" / "empty").touch()

    return write


def published(folder: Path, content: bytes = b"content", **options: Any) -> Snapshot:
    details = {"items": len(content), "name": "é"}
    return publish(folder, writer(content), sequence=7, encoders=ENCODERS, details=details, **options)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "workspace" / "index"


def edit_manifest(found: Snapshot, **changes: Any) -> None:
    path = found.path / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


def test_round_trip(folder: Path) -> None:
    given_back = published(folder)
    found = current(folder)
    assert found == given_back
    assert found is not None
    assert (found.number, found.path, found.sequence) == (1, folder / "000001", 7)
    assert (found.encoders, found.details) == (ENCODERS, {"items": 7, "name": "é"})
    assert found.files == {
        "vectors.npy": (7, hashlib.sha256(b"content").hexdigest()),
        "inner/empty": (0, hashlib.sha256(b"").hexdigest()),
    }
    assert found.created_at > 1.7e9
    assert (found.path / "vectors.npy").read_bytes() == b"content"
    assert verify(found) == []
    assert names(folder) == ["000001", "CURRENT"]


def test_before_the_first(folder: Path) -> None:
    assert current(folder) is None
    assert current_number(folder) is None
    folder.mkdir(parents=True)
    assert current(folder) is None


def test_numbers_grow_and_old_ones_go(folder: Path) -> None:
    for number in range(1, 8):
        assert published(folder, str(number).encode()).number == number
        assert current_number(folder) == number
    assert names(folder) == ["000003", "000004", "000005", "000006", "000007", "CURRENT", "HISTORY"]
    assert len(names(folder)) == KEPT + 4


@settings(max_examples=15, deadline=None)
@given(keep=st.integers(0, 3), moves=st.lists(st.one_of(st.none(), st.integers(0, 9)), max_size=7))
def test_the_current_one_and_the_one_before_always_stay(
    tmp_path_factory: pytest.TempPathFactory, keep: int, moves: list[int | None]
) -> None:
    folder = tmp_path_factory.mktemp("kept") / "models"
    last = published(folder, keep=keep).number
    for move in moves:
        there = [int(name) for name in names(folder) if name.isdecimal()]
        if move is not None:
            last = there[move % len(there)]
            (folder / "CURRENT").write_text(str(last))
            continue
        new = published(folder, keep=keep).number
        assert new == there[-1] + 1
        others = [number for number in there if number != last]
        expected = {last, new, *(others[len(others) - keep :] if keep < len(others) else others)}
        assert {int(name) for name in names(folder) if name.isdecimal()} == expected
        last = new
    found = current(folder)
    assert found is not None
    assert found.number == last
    assert verify(found) == []


def test_a_writer_that_fails_leaves_no_trace(folder: Path) -> None:
    published(folder)

    def write(place: Path) -> None:
        (place / "half").write_bytes(b"half")
        raise KeyError("broken")

    with pytest.raises(KeyError):
        publish(folder, write, sequence=8, encoders={}, details={})
    assert names(folder) == ["000001", "CURRENT"]
    assert published(folder).number == 2


def test_a_full_disk_is_one_line(folder: Path) -> None:
    def write(place: Path) -> None:
        with (Path("/dev/full")).open("wb") as stream:
            stream.write(b"x" * 100_000)

    published(folder)
    with pytest.raises(BadData) as refused:
        publish(folder, write, sequence=8, encoders={}, details={})
    assert str(refused.value) == f"{folder}: the snapshot cannot be written: No space left on device"
    assert names(folder) == ["000001", "CURRENT"]
    assert current_number(folder) == 1


def test_a_file_in_the_way_is_one_line(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("a file")
    with pytest.raises(BadData, match="the snapshot cannot be written: Not a directory"):
        published(folder)


def test_the_pointer_moves_inside_the_fence(folder: Path) -> None:
    seen: list[int | None] = []

    @contextmanager
    def fence() -> Iterator[None]:
        seen.append(current_number(folder))
        yield
        seen.append(current_number(folder))

    published(folder, fence=fence)
    published(folder, fence=fence)
    assert seen == [None, 1, 1, 2]


def test_a_lost_lease_publishes_nothing(folder: Path) -> None:
    def fence() -> AbstractContextManager[None]:
        raise BadData("the lease was lost")

    published(folder)
    with pytest.raises(BadData, match="the lease was lost"):
        published(folder, fence=fence)
    assert names(folder) == ["000001", "CURRENT"]


def test_two_writers_at_once_do_not_mix(folder: Path) -> None:
    """The second one thinks the first is dead; the first, stopped in the middle, finds its folder gone."""

    def slow(place: Path) -> None:
        (place / "first").write_bytes(b"first")
        published(folder, b"second")
        (place / "more").write_bytes(b"more")

    with pytest.raises(BadData, match="cannot be written: No such file"):
        publish(folder, slow, sequence=1, encoders={}, details={})
    found = current(folder)
    assert found is not None
    assert set(found.files) == {"vectors.npy", "inner/empty"}
    assert verify(found) == []


class Killed(BaseException):
    """Stands for SIGKILL: nothing after it is done."""


STEPS = ["_clean", "_seal", "_point_to", "number_before", "sync", "replace_text", "_retire"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [False, True])
def test_stopped_at_any_step(folder: Path, monkeypatch: pytest.MonkeyPatch, step: str, after: bool) -> None:
    published(folder, b"old")
    real = getattr(snapshot, step)

    def stop(*arguments: Any) -> None:
        if after:
            real(*arguments)
        raise Killed

    with monkeypatch.context() as stopping:
        stopping.setattr(snapshot, step, stop)
        stopping.setattr(shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(Killed):
            published(folder, b"new!")
    found = current(folder)
    assert found is not None
    assert verify(found) == []
    assert found.files["vectors.npy"][0] in (3, 4)
    again = published(folder, b"newer")
    assert current(folder) == again
    assert verify(again) == []
    assert not [name for name in names(folder) if name.startswith("unfinished-") or name.endswith(".new")]


def test_leftovers_are_cleaned(folder: Path) -> None:
    published(folder)
    (folder / "unfinished-000002").mkdir()
    (folder / "unfinished-000002" / "half").write_bytes(b"half")
    shutil.copytree(folder / "000001", folder / "000005")
    assert published(folder).number == 6
    assert names(folder) == ["000001", "000005", "000006", "CURRENT", "HISTORY"]


def test_what_verify_finds(folder: Path) -> None:
    found = published(folder)
    place = found.path / "vectors.npy"
    place.write_bytes(b"cintent")
    assert verify(found) == [f"{place} does not match its checksum"]
    place.write_bytes(b"conten")
    assert verify(found) == [f"{place} has 6 bytes; expected 7"]
    place.unlink()
    (found.path / "inner" / "empty").write_bytes(b"x")
    assert verify(found) == [f"{found.path / 'inner' / 'empty'} has 1 bytes; expected 0", f"{place} is missing"]


@pytest.mark.parametrize("content", [b"", b"x", b"1 2", b"\xff", b"000001/../.."])
def test_a_broken_pointer(folder: Path, content: bytes) -> None:
    published(folder)
    (folder / "CURRENT").write_bytes(content)
    with pytest.raises(BadData, match="CURRENT names no snapshot: expected a number"):
        current(folder)
    assert published(folder).number == 2
    assert current_number(folder) == 2


def test_a_pointer_to_nothing(folder: Path) -> None:
    published(folder)
    (folder / "CURRENT").write_text("9")
    with pytest.raises(BadData, match=r"000009/manifest\.json cannot be read as a manifest"):
        current(folder)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"{}", b'{"format": "x"}', b'{"format": 1}', b"\xff\xfe"]
)
def test_a_broken_manifest(folder: Path, content: bytes) -> None:
    found = published(folder)
    (found.path / "manifest.json").write_bytes(content)
    with pytest.raises(BadData, match="cannot be read as a manifest") as refused:
        current(folder)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "changes",
    [{"sequence": "x"}, {"encoders": 3}, {"details": None}, {"files": []}, {"files": {"a": 1}}, {"created_at": None}],
)
def test_a_manifest_of_wrong_kinds(folder: Path, changes: dict[str, Any]) -> None:
    edit_manifest(published(folder), **changes)
    with pytest.raises(BadData, match="cannot be read as a manifest"):
        current(folder)


def test_a_newer_format_is_refused_in_one_line(folder: Path) -> None:
    found = published(folder)
    (found.path / "manifest.json").write_text(json.dumps({"format": FORMAT + 1, "anything": "else"}))
    with pytest.raises(BadData) as refused:
        current(folder)
    assert str(refused.value) == f"{found.path} has format 2; this Plait knows up to 1: upgrade Plait"


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "inner/../../secret", "link/secret"])
def test_a_manifest_names_nothing_outside(folder: Path, name: str) -> None:
    found = published(folder)
    (folder / "secret").write_text("secret")
    (found.path / "link").symlink_to(folder)
    edit_manifest(found, files={name: {"size": 6, "sha256": hashlib.sha256(b"secret").hexdigest()}})
    with pytest.raises(BadData, match="lies outside the snapshot"):
        current(folder)


def test_a_workspace_may_be_moved(folder: Path, tmp_path: Path) -> None:
    published(folder)
    moved = folder.parent.rename(tmp_path / "moved")
    found = current(moved / "index")
    assert found is not None
    assert verify(found) == []
