"""Archives: everything comes back; whatever is broken, too much or leads outside is refused."""

import io
import json
import os
import tarfile
import tempfile
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait import archive
from plait.archive import extract_archive, write_archive
from plait.errors import BadData

FILES = {"store.db": b"rows", "index/000001/vectors": bytes(range(256)) * 4, "empty": b"", "a/zoë 用": b"x"}


def folder_of(files: dict[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    write_archive(folder_of(FILES, tmp_path / "from"), tmp_path / "packed", {"sequence": 7})
    return tmp_path / "packed"


def test_round_trip(packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "AT_ONCE", 100)
    manifest = extract_archive(packed, tmp_path / "to")
    assert (manifest["sequence"], manifest["format"]) == (7, 1)
    assert content_of(tmp_path / "to") == FILES


def test_a_file_is_not_overwritten(packed: Path, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        write_archive(tmp_path / "from", packed, {})


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_no_flipped_or_missing_byte_of_a_file_goes_unnoticed(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as quick:
        quick.setattr(os, "fsync", lambda _: None)
        folder = Path(name)
        write_archive(folder_of(FILES, folder / "from"), folder / "packed", {})
        content = bytearray((folder / "packed").read_bytes())
        if data.draw(st.booleans()):
            content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        else:
            del content[data.draw(st.integers(0, len(content) - 1)) :]
        (folder / "packed").write_bytes(content)
        try:
            extract_archive(folder / "packed", folder / "to")
        except BadData as error:
            assert "\n" not in str(error)
        else:
            # Only what stands between files, and nothing of them, may have changed.
            assert content_of(folder / "to") == FILES


def made(path: Path, members: dict[str, bytes], *, listed: dict[str, bytes] | None = None, form: int = 1) -> Path:
    """Write an archive by hand, its manifest listing other files than it holds."""
    files = {
        name: {"size": len(content), "sha256": sha256(content).hexdigest()}
        for name, content in (members if listed is None else listed).items()
    }
    manifest = json.dumps({"format": form, "files": files}).encode()
    with tarfile.open(path, "w") as out:
        for name, content in {"manifest.json": manifest, **members}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            out.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize("name", ["../out", "a/../../out", "/out", "..\\out", "/tmp/keeper-out", "."])
def test_names_that_lead_outside(tmp_path: Path, name: str) -> None:
    (tmp_path / "to").mkdir()
    with pytest.raises(BadData):
        extract_archive(made(tmp_path / "packed", {name: b"x"}), tmp_path / "to")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["packed", "to"]
    assert not any((tmp_path / "to").iterdir())
    assert not Path("/tmp/keeper-out").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_links_and_the_like(tmp_path: Path, kind: bytes) -> None:
    path = made(tmp_path / "packed", {"store.db": b"x"}, listed={"store.db": b"x", "link": b""})
    with tarfile.open(path, "a") as out:
        member = tarfile.TarInfo("link")
        member.type, member.linkname = kind, "store.db"
        out.addfile(member)
    with pytest.raises(BadData, match="'link', which its manifest does not list as a file"):
        extract_archive(path, tmp_path / "to")


@pytest.mark.parametrize(
    ("members", "listed", "said"),
    [
        ({"a": b"x", "b": b"y"}, {"a": b"x"}, "holds 'b'"),
        ({"a": b"x"}, {"a": b"x", "b": b"y"}, "lacks 'b'"),
        ({"a": b"x"}, {"a": b"y"}, "does not match its checksum"),
        ({"a": b"xx"}, {"a": b"x"}, "does not match its checksum"),
    ],
)
def test_what_the_manifest_does_not_say(
    tmp_path: Path, members: dict[str, bytes], listed: dict[str, bytes], said: str
) -> None:
    with pytest.raises(BadData, match=said):
        extract_archive(made(tmp_path / "packed", members, listed=listed), tmp_path / "to")


def test_a_newer_format(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="has format 2; this Plait knows up to 1: upgrade Plait"):
        extract_archive(made(tmp_path / "packed", {"a": b"x"}, form=2), tmp_path / "to")


@pytest.mark.parametrize("content", [b"", b"no archive", bytes(10240)])
def test_no_archive(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "packed").write_bytes(content)
    with pytest.raises(BadData):
        extract_archive(tmp_path / "packed", tmp_path / "to")


BROKEN = [b"{", b"[]", b"null", b'{"format": "x"}', b'{"format": 1}', b'{"format": 1, "files": 3}']


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_manifest(tmp_path: Path, content: bytes) -> None:
    with tarfile.open(tmp_path / "packed", "w") as out:
        member = tarfile.TarInfo("manifest.json")
        member.size = len(content)
        out.addfile(member, io.BytesIO(content))
    with pytest.raises(BadData):
        extract_archive(tmp_path / "packed", tmp_path / "to")
