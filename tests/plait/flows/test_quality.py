"""Quality: what is told of a catalogue is of the items that live now."""

from pathlib import Path

import numpy as np
import pytest

from plait.flows.build import build
from plait.flows.quality import quality
from plait.live import Live
from plait.store import Store
from plait.workspace import Workspace
from tests.plait import toy


@pytest.fixture
def doubled(tmp_path: Path) -> Path:
    """Return a workspace in which cooking-4 and sailing-3 are nearly the same, and so are space-0 and space-1."""
    vectors = toy.vectors()
    vectors[9], vectors[13] = vectors[4] + 0.01, vectors[12] + 0.01
    np.save(tmp_path / "vectors.npy", vectors)
    build(tmp_path / "workspace", items=toy.items(), vectors={"text": tmp_path / "vectors.npy"})
    return tmp_path / "workspace"


def test_duplicates_that_were_removed_are_none(doubled: Path) -> None:
    workspace = Workspace.open(doubled)
    both = (("cooking-4", "sailing-3"), ("space-0", "space-1"))
    assert set(quality(Live(workspace)).duplicates) == set(both)
    with workspace.store.write() as change:
        change.remove_items(["sailing-3"])
    found = quality(Live(workspace))
    assert (found.duplicates, found.duplicate_count, found.items) == (both[1:], 1, 23)


def test_the_store_is_asked_for_all_pairs_at_once(doubled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, by_id = [], Store.items_by_id

    def counted(self: Store, item_ids: list[str]) -> object:
        asked.append(sorted(item_ids))
        return by_id(self, item_ids)

    monkeypatch.setattr(Store, "items_by_id", counted)
    quality(Live(Workspace.open(doubled)))
    assert asked == [["cooking-4", "sailing-3", "space-0", "space-1"]]
