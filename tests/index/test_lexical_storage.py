"""A lexical index comes back from disk as it was, or not at all."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.lexical import build_lexical
from index.lexical_storage import ARRAYS, has_lexical, read_lexical, write_lexical
from index.postings import Document
from tests.index.test_lexical import DOCUMENT, SHOP, WORDS, check

FILES = ["lexical.json", *(f"lexical-{name}.npy" for name in ARRAYS)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_lexical(tmp_path / "ü" / "index", build_lexical(SHOP))
    return tmp_path / "ü" / "index"


@given(st.lists(DOCUMENT, max_size=6), DOCUMENT)
@settings(max_examples=15, deadline=None)
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, documents: list[Document], more: Document) -> None:
    place = tmp_path_factory.mktemp("lexical")
    index = build_lexical(documents)
    write_lexical(place, index)
    found = read_lexical(place)
    np.testing.assert_array_equal(found.scores(WORDS), index.scores(WORDS))
    # What was read takes changes as what was built does, though its files may not be written to.
    changed = found.changed(np.asarray([len(documents)]), [more], row_count=len(documents) + 1)
    check(changed, dict(enumerate([*documents, more])), WORDS)
    np.testing.assert_array_equal(read_lexical(place).scores(WORDS), index.scores(WORDS))


def test_what_is_there_is_not_overwritten(folder: Path) -> None:
    with pytest.raises(FileExistsError):
        write_lexical(folder, build_lexical(SHOP))


def test_changes_are_compacted_before_they_are_written(tmp_path: Path) -> None:
    changed = build_lexical(SHOP).changed(np.asarray([0]), [("Lamp", "")])
    with pytest.raises(ValueError, match="compacted"):
        write_lexical(tmp_path / "a", changed)
    write_lexical(tmp_path / "b", changed.compacted(np.asarray([4, 0])))
    assert read_lexical(tmp_path / "b").scores(["lamp", "tea"]).argmax(axis=1).tolist() == [1, 0]


@pytest.mark.parametrize("name", FILES)
def test_a_missing_or_cut_file_is_named(folder: Path, name: str) -> None:
    kept = (folder / name).read_bytes()
    for left in (0, len(kept) - 1):
        (folder / name).write_bytes(kept[:left])
        with pytest.raises(ValueError, match=name):
            read_lexical(folder)
    (folder / name).unlink()
    with pytest.raises(ValueError, match=name):
        read_lexical(folder)
    assert has_lexical(folder) == (name != "lexical.json")


@pytest.mark.parametrize("name", sorted(ARRAYS))
def test_an_array_of_another_kind_or_index_is_named(folder: Path, name: str) -> None:
    path = folder / f"lexical-{name}.npy"
    for wrong in (np.zeros(3, dtype=np.float64), np.load(path)[:-1], np.zeros((2, 2), dtype=ARRAYS[name])):
        np.save(path, wrong)
        # The rows and what divides them must agree: either may be named.
        with pytest.raises(ValueError, match="lexical-"):
            read_lexical(folder)


def test_rows_outside_are_refused(folder: Path) -> None:
    rows = np.load(folder / "lexical-rows.npy")
    rows[0] = 5
    np.save(folder / "lexical-rows.npy", rows)
    with pytest.raises(ValueError, match=r"lexical-rows\.npy.*expected 0\.\.4"):
        read_lexical(folder)


@pytest.mark.parametrize("change", [{"format": 2}, {"format": "1"}, {"fields": [1, 1]}])
def test_another_format_is_not_read(folder: Path, change: dict[str, object]) -> None:
    path = folder / "lexical.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert not has_lexical(folder)
    with pytest.raises(ValueError, match="build the index again"):
        read_lexical(folder)
