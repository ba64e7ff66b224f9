"""Splits in a folder come back as they were, judge as they did, and a changed one is found."""

import json
from pathlib import Path

import pytest

from plait.arrays_file import read_arrays, write_arrays
from plait.errors import BadData, WrongCall
from plait.evaluation.peers.item_knn import ItemKnn
from plait.evaluation.peers.peer import Peer
from plait.evaluation.peers.popularity import Popularity
from plait.evaluation.protocols import SPLITTERS
from plait.evaluation.runner import Plan, evaluate, judge
from plait.evaluation.split_files import LIST, load_splits, save_splits
from plait.history import Log
from tests.plait.evaluation.logs import Event, checkerboard, log_of


def _readers() -> Log:
    rows: list[Event] = [
        (f"u{user}", f"i{(user * 5 + step * (1 + user % 3)) % 50}", float(60 * step + user), 1.0 if step % 3 else -1.0)
        for user in range(20)
        for step in range(28)
    ]
    return log_of(rows)


@pytest.mark.parametrize("protocol", SPLITTERS)
def test_loaded_splits_give_equal_results(protocol: str, tmp_path: Path) -> None:
    log = _readers()
    peers: list[Peer] = [Popularity(), ItemKnn()]
    direct = evaluate(log, protocol, peers, seeds=2, cuts=(5,))
    hashes = save_splits(tmp_path, protocol, (s for salt in (0, 1) for s in SPLITTERS[protocol](log, salt)))
    saved = load_splits(tmp_path)
    assert (saved.protocol, list(saved.by_salt)) == (protocol, [0, 1])
    again = judge(lambda salt: saved.by_salt[salt], protocol, peers, Plan(2, (5,)))
    assert (again.models, again.buckets, again.differences) == (direct.models, direct.buckets, direct.differences)
    assert again.splits == direct.splits == hashes
    assert again.users == direct.users


def _save(folder: Path) -> None:
    save_splits(folder, "last-liked", SPLITTERS["last-liked"](checkerboard(), 0))


def test_writing_again_replaces(tmp_path: Path) -> None:
    _save(tmp_path)
    _save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["salt-0.safetensors", LIST]


def test_a_changed_split_is_found(tmp_path: Path) -> None:
    _save(tmp_path)
    file = tmp_path / "salt-0.safetensors"
    arrays = read_arrays(file)
    arrays["targets"] = arrays["targets"][::-1].copy()
    write_arrays(file, arrays)
    with pytest.raises(BadData, match="salt-0.safetensors was changed"):
        load_splits(tmp_path)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / LIST).write_text("[]"), "expected what --save-splits wrote"),
        (lambda folder: (folder / LIST).write_text("{"), "cannot be read"),
        (lambda folder: (folder / "salt-0.safetensors").unlink(), "cannot be read"),
        (lambda folder: (folder / "salt-0.safetensors").write_bytes(b"no"), "cannot be read"),
        (lambda folder: write_arrays(folder / "salt-0.safetensors", {}), "holds no split: arrays lack about"),
    ],
)
def test_what_is_broken_is_one_clear_line(spoil: "object", said: str, tmp_path: Path) -> None:
    _save(tmp_path)
    assert callable(spoil)
    spoil(tmp_path)
    with pytest.raises(BadData, match=said):
        load_splits(tmp_path)


def test_a_folder_without_splits_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(WrongCall, match="holds no splits.json"):
        load_splits(tmp_path / "nowhere")


def test_another_format_is_refused(tmp_path: Path) -> None:
    _save(tmp_path)
    about = json.loads((tmp_path / LIST).read_text())
    (tmp_path / LIST).write_text(json.dumps({**about, "format": 9}))
    with pytest.raises(BadData, match="has the format 9"):
        load_splits(tmp_path)


def test_splits_of_different_items_do_not_go_together(tmp_path: Path) -> None:
    logs = (checkerboard(), checkerboard(items=18))
    save_splits(tmp_path, "last-liked", [SPLITTERS["last-liked"](log, salt)[0] for salt, log in enumerate(logs)])
    with pytest.raises(BadData, match="different items"):
        load_splits(tmp_path)
