"""The bundle of a workspace is settled by the first build that stores something, and by no other."""

import threading
from pathlib import Path

import pytest
from huggingface_hub import constants

from embedders.items import Item
from plait.config import FILE, default_config
from plait.errors import BadData, WrongCall
from plait.first_settings import first_settings
from plait.flows.build import build
from plait.store import StoredItem
from plait.workspace import STORE, Workspace
from tests.plait import toy


def settings(folder: Path) -> str:
    return (folder / FILE).read_text(encoding="utf-8")


def breaking(workspace: Workspace, bundle: str, *items: Item) -> None:
    """Take up a bundle, store items, and fail."""
    with first_settings(workspace, bundle):
        assert Workspace.open(workspace.folder).config.encoders.bundle == bundle
        with workspace.store.write() as change:
            change.upsert_items(StoredItem(item, {}) for item in items)
        raise BadData("broken")


def failing(folder: Path, bundle: str) -> None:
    workspace = Workspace.create(folder, bundle=bundle)
    with pytest.raises(BadData, match="broken"):
        breaking(workspace, bundle)


def test_a_build_that_fails_settles_nothing(tmp_path: Path) -> None:
    failing(tmp_path, "clip")
    assert settings(tmp_path) == default_config("compact")
    failing(tmp_path, "llm")
    with first_settings(Workspace.create(tmp_path), None):
        assert Workspace.open(tmp_path).config.encoders.bundle == "compact"


def test_a_build_that_was_killed_settles_nothing(tmp_path: Path) -> None:
    Workspace.create(tmp_path, bundle="clip")
    with first_settings(Workspace.create(tmp_path, bundle="llm"), "llm"):
        pass
    assert settings(tmp_path) == default_config("llm")
    failing(tmp_path, "clip")
    assert settings(tmp_path) == default_config("llm")


def test_what_was_chosen_by_hand_stays(tmp_path: Path) -> None:
    written = default_config("clip") + "# mine\n"
    (tmp_path / FILE).write_text(written, encoding="utf-8")
    with pytest.raises(WrongCall, match="has the bundle clip; got --bundle llm"):
        Workspace.create(tmp_path, bundle="llm")
    assert not (tmp_path / STORE).exists()
    failing(tmp_path, "clip")
    assert settings(tmp_path) == written


def test_what_is_stored_settles_it(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path)
    with pytest.raises(BadData, match="broken"):
        breaking(workspace, "compact", Item("a", title="first"))
    assert settings(tmp_path) == default_config("compact")
    with pytest.raises(WrongCall, match="has the bundle compact; got --bundle clip"):
        Workspace.create(tmp_path, bundle="clip")


def test_two_first_builds_at_once_make_one_workspace(tmp_path: Path) -> None:
    for attempt in range(10):
        folder, start, failures = tmp_path / str(attempt), threading.Barrier(4), list[Exception]()

        def make(folder: Path = folder, start: threading.Barrier = start, failures: list[Exception] = failures) -> None:
            start.wait()
            try:
                Workspace.create(folder, bundle="compact")
            except (BadData, WrongCall, OSError) as error:
                failures.append(error)

        threads = [threading.Thread(target=make) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert Workspace.open(folder).config.encoders.bundle == "compact"


def test_a_bundle_that_is_not_here_is_not_kept(
    tmp_path: Path, toy_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The library reads its variable when it is imported.
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    folder, rows = tmp_path / "workspace", toy.items()
    with pytest.raises((BadData, ValueError), match="--allow-download"):
        build(folder, items=rows, bundle="clip")
    build(folder, items=rows, bundle="compact", vectors={"text": toy_files / "vectors.npy"})
    assert Workspace.open(folder).config.encoders.bundle == "compact"
