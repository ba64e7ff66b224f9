"""An index comes back from disk as it was, or not at all."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import IndexSnapshot, LiveIndex, Vectors
from index.codes import Codes, check_codes, encode
from index.faiss import FaissIndex, build_faiss
from index.storage import has_known_format, read_index, write_faiss, write_index
from tests.index.clouds import cloud, names, narrow_codes

FILES = ["index.json", "vectors.npy", "codes.faiss", "graph.faiss"]
BUILDS: dict[str, Callable[[Vectors], FaissIndex]] = {
    "flat": lambda vectors: build_faiss(vectors, kind="flat"),
    "hnsw": lambda vectors: build_faiss(vectors, kind="hnsw"),
    "codes": narrow_codes,
}
KINDS = sorted(BUILDS)


def written(folder: Path, vectors: Vectors, kind: str) -> IndexSnapshot:
    write_index(folder, item_ids=names(len(vectors)), vectors=vectors, index=BUILDS[kind](vectors))
    return read_index(folder)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stored") / "index"
    written(folder, cloud(300, seed=1), "hnsw")
    return folder


@pytest.fixture(scope="module")
def stored_codes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stored") / "index"
    written(folder, cloud(300, seed=1), "codes")
    return folder


@pytest.fixture
def holding(request: pytest.FixtureRequest, tmp_path: Path, name: str) -> Path:
    """A copy of an index that has the file called `name`."""
    source: Path = request.getfixturevalue("stored_codes" if name == "codes.faiss" else "stored")
    return shutil.copytree(source, tmp_path / "index")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [0, 1, 1700])
def test_round_trip(tmp_path: Path, kind: str, count: int) -> None:
    vectors, queries = cloud(count, seed=2), cloud(9, seed=3)
    snapshot = written(tmp_path / "ü" / "index", vectors, kind)
    np.testing.assert_array_equal(snapshot.vectors, vectors)
    assert list(snapshot.item_ids) == names(count)
    built = BUILDS[kind](vectors)
    assert isinstance(snapshot.index, FaissIndex)
    assert snapshot.index.kind == built.kind
    before, after = built.search(queries, 20), snapshot.index.search(queries, 20)
    np.testing.assert_array_equal(before.rows, after.rows)
    np.testing.assert_array_equal(before.scores, after.scores)


def test_a_graph_stores_no_second_copy_and_keeps_its_breadth(tmp_path: Path) -> None:
    vectors = cloud(2000, seed=4, dimension=256)
    built = build_faiss(vectors, kind="hnsw")
    assert built.graph is not None
    built.graph.hnsw.efSearch = 321
    write_index(tmp_path / "index", item_ids=names(2000), vectors=vectors, index=built)
    assert (tmp_path / "index" / "graph.faiss").stat().st_size < vectors.nbytes / 2
    index = read_index(tmp_path / "index").index
    assert isinstance(index, FaissIndex)
    assert index.graph is not None
    assert index.graph.hnsw.efSearch == 321
    assert sorted(path.name for path in (tmp_path / "index").iterdir()) == [
        "graph.faiss",
        "index.json",
        "vectors.npy",
    ]


def test_codes_store_no_second_copy_and_keep_their_candidates(tmp_path: Path) -> None:
    vectors = cloud(2000, seed=4, dimension=255)
    codes = Codes(encode(vectors, seed=0), wider=12.5)
    write_index(tmp_path, item_ids=names(2000), vectors=vectors, index=FaissIndex(vectors, codes=codes))
    assert (tmp_path / "codes.faiss").stat().st_size < vectors.nbytes / 10
    index = read_index(tmp_path).index
    assert isinstance(index, FaissIndex)
    assert index.codes is not None
    assert index.codes.wider == 12.5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["codes.faiss", "index.json", "vectors.npy"]


def test_vectors_stay_on_disk_and_cannot_be_written(stored: Path) -> None:
    snapshot = read_index(stored)
    assert isinstance(snapshot.vectors.base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        snapshot.vectors[0, 0] = 1
    assert LiveIndex.open(snapshot).vectors(np.array([1])).flags.writeable


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(item_ids=st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True, max_size=8))
def test_ids_may_hold_any_character(tmp_path: Path, item_ids: list[str]) -> None:
    folder = tmp_path / "index"
    shutil.rmtree(folder, ignore_errors=True)
    vectors = cloud(len(item_ids), seed=5)
    write_index(folder, item_ids=item_ids, vectors=vectors, index=build_faiss(vectors))
    assert list(read_index(folder).item_ids) == item_ids


def test_an_index_is_never_written_over(stored: Path) -> None:
    snapshot = read_index(stored)
    with pytest.raises(FileExistsError):
        write_index(stored, item_ids=["a"], vectors=cloud(1, seed=1), index=build_faiss(cloud(1, seed=1)))
    assert list(read_index(stored).item_ids) == list(snapshot.item_ids)


def test_parts_that_disagree_are_not_written(tmp_path: Path) -> None:
    index = build_faiss(cloud(3, seed=1))
    with pytest.raises(ValueError, match=r"expected \(2, 16\)"):
        write_index(tmp_path, item_ids=["a", "b"], vectors=cloud(3, seed=1), index=index)
    with pytest.raises(ValueError, match="'a' twice"):
        write_index(tmp_path, item_ids=["a", "b", "a"], vectors=cloud(3, seed=1), index=index)
    with pytest.raises(ValueError, match="surrogates"):
        write_index(tmp_path, item_ids=["a", "b", "\ud800"], vectors=cloud(3, seed=1), index=index)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kept", [0.0, 0.01, 0.3, 0.9, 0.999])
def test_a_truncated_file_is_named(holding: Path, name: str, kept: float) -> None:
    data = (holding / name).read_bytes()
    (holding / name).write_bytes(data[: int(kept * len(data))])
    with pytest.raises(ValueError, match=f"{name} cannot be read as a part of an index"):
        read_index(holding)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(holding: Path, name: str) -> None:
    (holding / name).unlink()
    with pytest.raises(ValueError, match=f"{name} cannot be read"):
        read_index(holding)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("size", [0, 3, 200, 5000])
def test_a_file_of_noise_is_named(holding: Path, name: str, size: int) -> None:
    (holding / name).write_bytes(np.random.default_rng(size).bytes(size))
    with pytest.raises(ValueError, match=f"{name} cannot be read"):
        read_index(holding)


@pytest.mark.parametrize("name", FILES[1:])
def test_a_file_of_another_index_is_named(tmp_path: Path, holding: Path, name: str) -> None:
    written(tmp_path / "other", cloud(301, seed=1), "codes" if name == "codes.faiss" else "hnsw")
    shutil.copy(tmp_path / "other" / name, holding / name)
    with pytest.raises(ValueError, match=f"{name} cannot be read"):
        read_index(holding)


@pytest.mark.parametrize("name", ["codes.faiss"])
def test_codes_of_another_dimension_or_kind_are_named(tmp_path: Path, holding: Path, stored: Path, name: str) -> None:
    written(tmp_path / "other", cloud(300, seed=1, dimension=18), "codes")
    shutil.copy(tmp_path / "other" / name, holding / name)
    with pytest.raises(ValueError, match=r"codes\.faiss cannot be read .*: holds codes with d 18, expected 16"):
        read_index(holding)
    shutil.copy(stored / "graph.faiss", holding / name)
    with pytest.raises(ValueError, match=r"codes\.faiss cannot be read .*: holds IndexHNSWFlat; expected codes"):
        read_index(holding)


@pytest.mark.parametrize("wider", [None, 0, -4, "many", float("nan"), float("inf"), []])
def test_a_wrong_number_of_candidates_is_named(tmp_path: Path, stored_codes: Path, wider: object) -> None:
    folder = shutil.copytree(stored_codes, tmp_path / "index")
    head = json.loads((folder / "index.json").read_text("utf-8")) | {"wider": wider}
    (folder / "index.json").write_text(json.dumps(head), "utf-8")
    with pytest.raises(ValueError, match=r"index\.json cannot be read"):
        read_index(folder)


@pytest.mark.parametrize("count", [1, 300])
def test_a_disk_that_refuses_the_last_byte_is_an_error(count: int) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this machine has no /dev/full")
    graph = build_faiss(cloud(count, seed=1), kind="hnsw").graph
    # Of a small index nothing is written before the file is closed.
    with pytest.raises(OSError, match=r"No space left on device|/dev/full cannot be written"):
        write_faiss(full, graph)


def test_a_newer_format_says_what_to_do(tmp_path: Path, stored: Path) -> None:
    folder = shutil.copytree(stored, tmp_path / "index")
    head = json.loads((folder / "index.json").read_text("utf-8")) | {"format": 99}
    (folder / "index.json").write_text(json.dumps(head), "utf-8")
    with pytest.raises(ValueError, match="format is 99; this version reads 2: upgrade Plait"):
        read_index(folder)


def test_an_older_format_says_what_to_do(tmp_path: Path, stored: Path) -> None:
    assert has_known_format(stored)
    folder = shutil.copytree(stored, tmp_path / "index")
    head = json.loads((folder / "index.json").read_text("utf-8")) | {"format": 1}
    (folder / "index.json").write_text(json.dumps(head), "utf-8")
    assert not has_known_format(folder)
    with pytest.raises(ValueError, match="format is 1; this version reads 2: build the index again"):
        read_index(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 3},
        {"format": None},
        {"kind": "ivf"},
        {"dimension": None},
        {"item_ids": 5},
        {"item_ids": ["a", "a"]},
        {"item_ids": [1]},
    ],
)
def test_a_wrong_head_is_named(tmp_path: Path, stored: Path, change: dict[str, object]) -> None:
    folder = shutil.copytree(stored, tmp_path / "index")
    head = json.loads((folder / "index.json").read_text("utf-8")) | change
    (folder / "index.json").write_text(json.dumps(head), "utf-8")
    with pytest.raises(ValueError, match=r"(index\.json|vectors\.npy) cannot be read"):
        read_index(folder)


def test_vectors_with_pickled_objects_are_refused(tmp_path: Path, stored: Path) -> None:
    folder = shutil.copytree(stored, tmp_path / "index")
    np.save(folder / "vectors.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match=r"vectors\.npy cannot be read"):
        read_index(folder)


@pytest.mark.parametrize("name", ["codes.faiss", "graph.faiss"])
@pytest.mark.parametrize("seed", range(20))
def test_a_flipped_byte_never_gives_fewer_hits(holding: Path, name: str, seed: int) -> None:
    """Checksums are kept by who publishes the folder; this is what is left without them."""
    data = bytearray((holding / name).read_bytes())
    rng = np.random.default_rng(seed)
    data[rng.integers(len(data))] ^= int(rng.integers(1, 256))
    (holding / name).write_bytes(data)
    try:
        opened = read_index(holding)
    except ValueError:
        return
    assert (opened.index.search(cloud(5, seed=1), 50).rows >= 0).all()


@pytest.mark.parametrize("part", ["bbs", "implem", "qbs", "M", "M2", "ntotal2", "nbits", "code_size", "ksub"])
@pytest.mark.parametrize("value", [0, 1, 2**20])
def test_codes_with_a_wrong_number_are_refused(part: str, value: int) -> None:
    codes: Any = encode(cloud(300, seed=1), seed=0)
    check_codes(codes, rows=300, dimension=16)
    if getattr(codes, part) == value:
        value = 5
    setattr(codes, part, value)
    with pytest.raises(ValueError, match="holds codes with"):
        check_codes(codes, rows=300, dimension=16)
