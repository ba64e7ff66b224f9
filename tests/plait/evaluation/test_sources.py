"""The hash of sources: what is imported counts, what is not does not."""

from pathlib import Path

import pytest

from plait.evaluation import sources
from plait.evaluation.sources import source_hash


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a package `plait` of four modules: a imports b, and b imports c; nobody imports d."""
    folder = tmp_path / "plait"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "a.py").write_text("import numpy\nfrom plait.b import something\n")
    (folder / "b.py").write_text("def something():\n    from plait import c\n    import plait.a\n")
    (folder / "c.py").write_text("x = 1\n")
    (folder / "d.py").write_text("x = 1\n")
    monkeypatch.setattr(sources, "PACKAGE", tmp_path)
    return folder


def _hash(name: str) -> str:
    source_hash.cache_clear()
    return source_hash(name)


@pytest.mark.parametrize(("changed", "counts"), [("a", True), ("b", True), ("c", True), ("d", False)])
def test_what_is_imported_counts(changed: str, counts: bool, package: Path) -> None:
    before = _hash("plait.a")
    (package / f"{changed}.py").write_text((package / f"{changed}.py").read_text() + "# more\n")
    assert (_hash("plait.a") != before) is counts


def test_two_modules_are_hashed_whatever_their_order(package: Path) -> None:
    assert source_hash("plait.c", "plait.d") == source_hash("plait.d", "plait.c") != source_hash("plait.c")


def test_the_real_sources_are_found() -> None:
    source_hash.cache_clear()
    assert source_hash("plait.evaluation.peers.popularity") != source_hash("plait.evaluation.peers.item_knn")


def test_a_module_that_is_not_ours_counts_by_its_own_file() -> None:
    assert source_hash(__name__) != source_hash("tests.plait.evaluation.models") != source_hash("no.such.module")
