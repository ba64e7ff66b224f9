"""Renamed media: an encoder that reads the file passes, one that reads its name is found."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embedders.encoder import Vectors
from embedders.items import Strand
from plait.flows.build import build
from plait.flows.renamed_media import MOST_FILES, check_renamed_media
from plait.workspace import Workspace
from tests.plait import toy


@dataclass(frozen=True)
class Hashed:
    """Encodes a text, the bytes of a file, or with `by_name` the name of a file, by a hash."""

    strand: Strand
    by_name: bool = False
    dimension: int = 8

    @property
    def fingerprint(self) -> str:
        """Name the encoder."""
        return f"hashed-{self.strand}"

    def encode(self, contents: Sequence[str]) -> Vectors:
        """Return (n, 8) unit rows."""
        rows = [self._row(content) for content in contents]
        vectors = np.asarray(rows, dtype=np.float32).reshape(len(rows), self.dimension)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)

    def _row(self, content: str) -> list[float]:
        if self.strand is not Strand.TEXT:
            data = Path(content).name.encode() if self.by_name else Path(content).read_bytes()
        else:
            data = content.encode()
        return [float(byte) - 127.5 for byte in hashlib.sha256(data).digest()[: self.dimension]]


def _workspace(folder: Path, monkeypatch: pytest.MonkeyPatch, *, by_name: bool) -> Workspace:
    monkeypatch.setattr("plait.workspace.encoder_of", lambda chosen, strand, **more: Hashed(strand, by_name))
    rows = []
    for number in range(20):
        Image.new("RGB", (40, 40), (number * 10, 90, 255 - number * 10)).save(folder / f"picture-{number}.png")
        rows.append({"item_id": f"i{number}", "title": f"Thing {number}", "image": f"picture-{number}.png"})
    build(folder / "workspace", items=toy.write_table(folder / "items.csv", rows))
    return Workspace.open(folder / "workspace")


def test_an_encoder_that_reads_files_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = _workspace(tmp_path, monkeypatch, by_name=False)
    before = sorted(path.name for path in tmp_path.rglob("*"))
    ((passed, line),) = check_renamed_media(workspace)
    assert passed
    assert line == f"renamed media: image, {MOST_FILES} files: vectors differ by at most 0, within 0.0001"
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_an_encoder_that_reads_names_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ((passed, line),) = check_renamed_media(_workspace(tmp_path, monkeypatch, by_name=True))
    assert not passed
    assert "MOVED" in line
    assert line.count(", i") + line.count(": i") >= MOST_FILES


def test_a_file_that_is_gone_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = _workspace(tmp_path, monkeypatch, by_name=False)
    for path in tmp_path.glob("picture-*.png"):
        path.unlink()
    ((passed, line),) = check_renamed_media(workspace)
    assert not passed
    assert "is gone" in line


def test_items_without_files_have_nothing_to_check(built_once: Path) -> None:
    assert list(check_renamed_media(Workspace.open(built_once))) == []
