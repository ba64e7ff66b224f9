"""Words in search: names and numbers are found at once, whatever has changed, in every process."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from embedders.items import Item, Strand
from plait import snapshot
from plait.errors import WrongCall
from plait.flows.build import build
from plait.flows.publish import compact_if_due
from plait.live import Live
from plait.recommender import Recommender
from plait.store import StoredItem
from plait.workspace import Workspace
from tests.plait import toy
from tests.plait.conftest import Cli
from tests.plait.flows.asking import shrink_candidate_search

ONLY = {"lexical": 1.0}


def put(folder: Path, *items: Item) -> None:
    """Store items without vectors, or with the text they had, as another process would."""
    workspace = Workspace.open(folder)
    with workspace.store.write() as change:
        kept = workspace.store.items_by_id([item.item_id for item in items])
        hashes = {item.item_id: kept[item.item_id].hashes if item.item_id in kept else {} for item in items}
        change.upsert_items([StoredItem(item, hashes[item.item_id]) for item in items])


def first(recommender: Recommender, words: str, weights: Mapping[str, float] | None = ONLY) -> str:
    """Return the item found first, "" where no item has any of the words."""
    item = recommender.search(words, limit=1, weights=weights).items[0]
    return item.item_id if item.parts["lexical"] > 0 else ""


def test_words_alone_need_no_encoder(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    assert first(recommender, "LIGHTHOUSE") == "sailing-3"
    found = recommender.search(["lighthouse", "moon landing"], limit=24, weights=ONLY)
    assert [ranking.items[0].item_id for ranking in found] == ["sailing-3", "space-4"]
    assert [len(ranking.items) for ranking in found] == [24, 24]
    assert {part for ranking in found for item in ranking.items for part in item.parts} == {"text", "lexical"}
    assert all(item.parts["text"] == 0 for ranking in found for item in ranking.items)
    with pytest.raises(WrongCall, match="own vectors"):
        recommender.search("lighthouse", weights={"text": 1, "lexical": 1})


def test_what_is_added_changed_and_removed_is_in_the_next_answer_of_every_process(own: Path) -> None:
    one, two = Recommender.open(own), Recommender.open(own)
    assert first(one, "XR-77b") == first(two, "XR-77b") == ""
    put(own, Item("new", title="Turbo XR-77b"))
    assert first(one, "XR-77b") == first(two, "xr77b") == "new"
    # The text changes and the vector does not: the item keeps its row.
    put(own, Item("space-0", title="Starship QZ-9"), Item("new", title="Nothing now"))
    assert first(one, "QZ 9") == first(two, "qz9") == "space-0"
    assert first(one, "rockets") == first(two, "XR-77b") == ""
    one.remove_items(["space-0", "sailing-3"])
    assert first(one, "QZ-9") == first(two, "lighthouse") == ""
    put(own, Item("sailing-3", title="Lighthouse again"))
    assert first(one, "lighthouse") == first(two, "lighthouse") == "sailing-3"


def test_an_old_moment_stays_as_it_was(own: Path) -> None:
    live = Live(Workspace.open(own))
    before = live.refresh()
    kept = before.lexical.scores(["rockets"])
    put(own, Item("space-0", title="Other"))
    live.refresh()
    np.testing.assert_array_equal(before.lexical.scores(["rockets"]), kept)


def answers(folder: Path) -> list[list[tuple[str, float]]]:
    words = ["lighthouse by the sea", "XR-77b", "recipes", "starship"]
    found = Recommender.open(folder).search(words, limit=30, weights=ONLY)
    return [sorted((item.item_id, round(item.score, 5)) for item in ranking.items) for ranking in found]


def test_compaction_and_a_new_build_change_no_answer(own: Path) -> None:
    put(own, Item("new", title="Turbo XR-77b"), Item("space-0", title="Starship QZ-9"))
    Recommender.open(own).remove_items(["sailing-5"])
    before = answers(own)
    toy.compact_after(own, 0)
    live = Live(Workspace.open(own))
    assert compact_if_due(live)
    assert answers(own) == before
    found = snapshot.current(own / "index")
    assert found is not None
    assert found.details["lexical"]["weight"] == live.refresh().lexical_weight


def test_a_snapshot_of_an_earlier_version_is_searched_and_the_next_build_writes_words(own: Path) -> None:
    before = answers(own)
    found = snapshot.current(own / "index")
    assert found is not None
    for path in found.path.glob("lexical*"):
        path.unlink()
    manifest = json.loads((found.path / "manifest.json").read_text())
    manifest["files"] = {name: about for name, about in manifest["files"].items() if not name.startswith("lexical")}
    del manifest["details"]["lexical"]
    (found.path / "manifest.json").write_text(json.dumps(manifest))
    put(own, Item("new", title="Turbo XR-77b"))
    Recommender.open(own).remove_items(["space-1", "new"])
    recommender = Recommender.open(own)
    assert first(recommender, "lighthouse") == "sailing-3"
    assert first(recommender, "comets") == ""
    build(own, items=toy.items(), vectors={"text": _vectors(own)})
    assert answers(own) == before
    rebuilt = snapshot.current(own / "index")
    assert rebuilt is not None
    assert "lexical-rows.npy" in rebuilt.files


def _vectors(folder: Path) -> Path:
    path = folder.parent / "vectors.npy"
    np.save(path, toy.vectors())
    return path


def test_without_a_weight_words_say_nothing(built_once: Path) -> None:
    recommender = Recommender.open(built_once)
    for item in recommender.search("harbour", limit=24, weights={"text": 1}).items:
        assert item.parts["lexical"] == 0
        assert item.score == pytest.approx(item.parts["text"], abs=1e-6)


def test_weights_multiply_what_words_add(built_once: Path) -> None:
    recommender = Recommender.open(built_once)
    plain = {item.item_id: item for item in recommender.search("harbour boats", limit=24).items}
    weights = {"text": 1.0, "lexical": 2.0}
    doubled = {item.item_id: item for item in recommender.search("harbour boats", limit=24, weights=weights).items}
    assert plain.keys() == doubled.keys()
    assert any(item.parts["lexical"] for item in plain.values())
    for item_id, item in plain.items():
        assert doubled[item_id].parts["lexical"] == pytest.approx(2 * item.parts["lexical"], abs=1e-5)
        assert doubled[item_id].parts["text"] == pytest.approx(item.parts["text"], abs=1e-5)


@pytest.mark.parametrize("limit", [1, 3, 24])
def test_candidates_where_and_paging_are_kept(own_once: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    shrink_candidate_search(monkeypatch)
    recommender = Recommender.open(own_once)
    words = "lighthouse recipes boats"
    chosen = [f"{family}-{number}" for family in ("cooking", "sailing") for number in range(3)]
    found = recommender.search(words, limit=limit, candidates=chosen, where="year >= 1992", weights=ONLY)
    assert {item.item_id for item in found.items} <= set(chosen) - {"cooking-0", "sailing-0"}
    assert len(found.items) == min(limit, 4)
    whole = [item.item_id for item in recommender.search(words, limit=24, weights=ONLY).items]
    paged = [
        recommender.search(words, limit=2, offset=start, weights=ONLY).items[0].item_id for start in range(0, 4, 2)
    ]
    assert paged == whole[:4:2]


def test_what_words_find_is_among_the_candidates(own_once: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shrink_candidate_search(monkeypatch)
    recommender = Recommender.open(own_once)
    for row in toy.items():
        assert first(recommender, row["title"]) == row["item_id"]


def test_the_command_line_takes_the_weight(own_once: Path, cli: Cli) -> None:
    ran = cli("search", own_once, "lighthouse", "--weights", "lexical=1", "--limit", "1", "--json")
    assert ran.code == 0
    (item,) = json.loads(ran.out)["items"]
    assert item["item_id"] == "sailing-3"
    assert item["score"] == pytest.approx(sum(item["parts"].values()), abs=1e-4)
    wrong = cli("similar", own_once, "space-0", "--weights", "lexical=1")
    assert (wrong.code, wrong.out) == (2, "")
    assert "text, image, audio" in wrong.err


def test_items_without_text_are_no_documents(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", toy.vectors()[:3])
    rows = [{"item_id": "a", "title": "Tea"}, {"item_id": "b", "title": ""}, {"item_id": "c", "title": "Cup"}]
    recommender = Recommender.build(tmp_path / "w", items=rows, vectors={"text": tmp_path / "vectors.npy"})
    found = recommender.search("cup", weights=ONLY).items
    assert [item.item_id for item in found] == ["c", "a", "b"]
    assert len(recommender._live.refresh().lexical) == 2
    assert Strand.TEXT.value in found[0].parts
