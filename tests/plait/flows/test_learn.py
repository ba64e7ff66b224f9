"""Add, update, remove, record: the very next answer knows it, and nothing is encoded that need not be."""

from pathlib import Path
from typing import Any

import pytest

from embedders.items import Strand
from plait.counts import EventTally, ItemTally
from plait.errors import BadData
from plait.flows import learn
from plait.flows.build import build
from plait.flows.ingest import Prepared, ReadItems, prepare
from plait.flows.status import status
from plait.recommender import Recommender
from plait.selection import Selection
from plait.store import Store
from plait.tables import Rows
from plait.workspace import Workspace
from tests.plait import toy

NEW = {"item_id": "new", "title": "Pizza", "description": "dough, tomatoes, cheese", "year": "2020"}


def similar_ids(recommender: Recommender, item_id: str) -> list[str]:
    return [item.item_id for item in recommender.similar(item_id, limit=50).items]


def test_an_added_item_is_in_the_next_answer(built: Path) -> None:
    recommender = Recommender.open(built)
    assert "new" not in similar_ids(recommender, "cooking-0")
    counts = recommender.add_items([NEW])
    assert (counts.items, counts.encoded) == (ItemTally(added=1), {Strand.TEXT: 1})
    assert "new" in similar_ids(recommender, "cooking-0")[:8]
    assert recommender.search("dough, tomatoes, cheese").items[0].item_id == "new"
    assert [item.item_id for item in recommender.recommend("user-0", where="year = 2020").items] == ["new"]
    again = recommender.add_items([NEW])
    assert (again.items, again.encoded) == (ItemTally(unchanged=1), {Strand.TEXT: 0})


def test_adding_replaces_the_whole_item(built: Path) -> None:
    recommender = Recommender.open(built)
    counts = recommender.add_items([{"item_id": "cooking-0", "title": "Rye"}])
    assert counts.items == ItemTally(updated=1)
    item = Store.open(built / "store.db").items_by_id(["cooking-0"])["cooking-0"].item
    assert (item.title, item.description, item.categories, item.attributes) == ("Rye", "", (), {})


def test_an_update_of_attributes_encodes_nothing_and_keeps_the_rest(own: Path) -> None:
    recommender = Recommender.open(own)
    before = Store.open(own / "store.db").items_by_id(["space-2"])["space-2"]
    ranked = similar_ids(recommender, "space-2")
    counts = recommender.update_items([{"item_id": "space-2", "year": "2024"}])
    assert (counts.items, sum(counts.encoded.values())) == (ItemTally(updated=1), 0)
    after = Store.open(own / "store.db").items_by_id(["space-2"])["space-2"]
    assert after.item.attributes == {"year": 2024.0}
    assert (after.item.text, after.item.categories, after.hashes) == (
        before.item.text, before.item.categories, before.hashes,
    )  # fmt: skip
    assert similar_ids(recommender, "space-2") == ranked
    assert [i.item_id for i in recommender.recommend("user-0", where="year = 2024").items] == ["space-2"]


@pytest.mark.parametrize(
    ("mine", "times"),
    [
        ({"year": "2024"}, 1),
        ({"description": "Telescopes, comets and galaxies."}, 1),
        ({"description": "Telescopes, comets and galaxies."}, learn.TRIES),
    ],
)
def test_an_update_that_meets_others_ends_and_has_the_vectors_of_what_is_stored(
    built: Path, monkeypatch: pytest.MonkeyPatch, mine: dict[str, str], times: int
) -> None:
    """Others change the title so many times once this one has read and encoded the item."""
    recommender, other, tries = Recommender.open(built), Recommender.open(built), list[int]()

    def meet(workspace: Workspace, rows: Rows, read: ReadItems, **more: Any) -> Prepared:
        found = prepare(workspace, rows, read, **more)
        tries.append(0)
        if len(tries) <= times:
            with monkeypatch.context() as patch:
                patch.setattr("plait.flows.learn.prepare", prepare)
                other.update_items([{"item_id": "cooking-3", "title": f"Astronauts {len(tries)}"}])
        return found

    monkeypatch.setattr("plait.flows.learn.prepare", meet)
    assert recommender.update_items([{"item_id": "cooking-3", **mine}]).items == ItemTally(updated=1)
    assert len(tries) == times + 1
    store = Store.open(built / "store.db")
    stored = store.items_by_id(["cooking-3"])["cooking-3"]
    assert stored.item.title == f"Astronauts {times}"
    other.add_items([{"item_id": "twin", "title": stored.item.title, "description": stored.item.description}])
    assert stored.hashes == store.items_by_id(["twin"])["twin"].hashes


def test_an_update_of_a_text_encodes_that_text(built: Path) -> None:
    recommender = Recommender.open(built)
    counts = recommender.update_items([{"item_id": "cooking-3", "description": "Telescopes, comets and galaxies."}])
    assert (counts.items, counts.encoded) == (ItemTally(updated=1), {Strand.TEXT: 1})
    assert "cooking-3" in similar_ids(recommender, "space-3")[:6]
    item = Store.open(built / "store.db").items_by_id(["cooking-3"])["cooking-3"].item
    assert (item.title, item.categories) == ("Dumplings", ("cooking",))


def test_an_empty_cell_of_an_update_empties_the_value(own: Path) -> None:
    recommender = Recommender.open(own)
    recommender.update_items([{"item_id": "space-2", "year": "", "categories": ""}])
    item = Store.open(own / "store.db").items_by_id(["space-2"])["space-2"].item
    assert (item.attributes, item.categories) == ({}, ())
    assert [i.item_id for i in recommender.recommend("user-0", where="year is null").items] == ["space-2"]


def test_an_update_of_an_unknown_item_is_a_bad_row(own: Path) -> None:
    before = status(own)
    rows = [{"item_id": "space-2", "year": "2024"}, {"item_id": "nowhere", "year": "2024"}]
    with pytest.raises(BadData, match="'nowhere' is no item of the store"):
        Recommender.open(own).update_items(rows)
    assert status(own) == before
    counts = Recommender.open(own).update_items(rows, on_error="skip")
    assert counts.items == ItemTally(updated=1, rejected=1)


def test_an_update_that_would_lose_joined_columns_is_refused(tmp_path: Path, toy_files: Path) -> None:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "plait.toml").write_text('[text]\ncolumns = ["keywords"]\n', encoding="utf-8")
    rows = [row | {"keywords": f"about {row['categories']}"} for row in toy.items()]
    build(folder, items=rows, vectors={"text": toy_files / "vectors.npy"})
    recommender = Recommender.open(folder)
    assert recommender.update_items([{"item_id": "space-2", "year": "2024"}]).items == ItemTally(updated=1)
    for given in ({"description": "Moons."}, {"keywords": "moons"}):
        with pytest.raises(BadData, match=r"update.*description, keywords"):
            recommender.update_items([{"item_id": "space-2"} | given])


def test_a_removed_item_leaves_every_answer_and_its_events_stay(own: Path) -> None:
    recommender = Recommender.open(own)
    events = status(own)["events"]
    counts = recommender.remove_items(["cooking-0", "nowhere"])
    assert counts.items == ItemTally(removed=1)
    assert "'nowhere'" in counts.notes[0]
    assert "cooking-0" not in similar_ids(recommender, "cooking-1")
    for user_id in toy.USERS:
        ranking = recommender.recommend(user_id, limit=50, include_seen=True)
        assert "cooking-0" not in {item.item_id for item in ranking.items}
        assert "cooking-0" not in {reason.item_id for item in ranking.items for reason in item.because}
    after = status(own)
    assert (after["items"], after["events"]) == (23, events)
    # Events of removed items are accepted, and count.
    row = {"user_id": "user-0", "item_id": "cooking-0", "timestamp": "1", "event": "view"}
    assert recommender.record([row]) == EventTally(accepted=1)
    assert recommender.remove_items(["cooking-0"]).items == ItemTally()


def test_an_item_removed_and_added_again_has_its_events(built: Path) -> None:
    recommender = Recommender.open(built)
    seen = recommender.recommend("user-0", limit=50)
    row = toy.items()[0]
    recommender.remove_items([row["item_id"]])
    counts = recommender.add_items([row])
    assert (counts.items, counts.encoded) == (ItemTally(added=1), {Strand.TEXT: 0})
    again = recommender.recommend("user-0", limit=50)
    assert {item.item_id for item in again.items} == {item.item_id for item in seen.items}
    assert row["item_id"] not in {item.item_id for item in again.items}


def test_recording_twice_counts_once(own: Path) -> None:
    recommender = Recommender.open(own)
    events = [
        {"user_id": "user-0", "item_id": "space-1", "timestamp": "1700000000", "event": "like", "event_id": "e1"},
        {"user_id": "user-0", "item_id": "space-2", "timestamp": "1700000001", "event": "like"},
    ]
    assert recommender.record(events) == EventTally(accepted=2)
    assert recommender.record(events) == EventTally(duplicates=2)
    # The event_id alone is the identity; another row of the same event is a duplicate too.
    assert recommender.record([events[0] | {"item_id": "space-3"}]) == EventTally(
        duplicates=1, notes=("1 events with an event_id that was recorded with other content; the first stands",)
    )
    assert recommender.record([events[1], events[1] | {"timestamp": "1700000002"}]) == EventTally(1, 1)
    assert recommender.profile("user-0").events == 5 + 3


def test_the_same_event_twice_in_one_table_counts_once(own: Path) -> None:
    row = {"user_id": "user-0", "item_id": "space-1", "timestamp": "1700000000", "event": "like"}
    assert Recommender.open(own).record([row, row]) == EventTally(1, 1)


def test_a_recorded_event_changes_the_next_answer(own: Path) -> None:
    recommender = Recommender.open(own)
    assert recommender.recommend("newcomer").notes
    row = {"user_id": "newcomer", "item_id": "sailing-0", "event": "like"}
    assert recommender.record([row]) == EventTally(accepted=1)
    ranking = recommender.recommend("newcomer", limit=5)
    assert not ranking.notes
    assert {item.item_id.split("-")[0] for item in ranking.items} == {"sailing"}
    assert all(item.because[0].item_id == "sailing-0" for item in ranking.items)


def test_impressions_and_searches_leave_an_item_unseen(own: Path) -> None:
    recommender = Recommender.open(own)
    first = recommender.recommend("user-0", limit=1).items[0].item_id
    rows = [
        {"user_id": "user-0", "item_id": first, "event": "impression", "timestamp": "1750000000"},
        {"user_id": "user-0", "query": "bread", "event": "search", "timestamp": "1750000001"},
    ]
    assert recommender.record(rows) == EventTally(accepted=2)
    assert recommender.recommend("user-0", limit=1).items[0].item_id == first
    recommender.record([{"user_id": "user-0", "item_id": first, "event": "skip", "timestamp": "1750000002"}])
    assert first not in {item.item_id for item in recommender.recommend("user-0", limit=50).items}


def test_a_table_of_events_is_recorded_whole_or_not_at_all(own: Path) -> None:
    before = status(own)
    rows = [{"user_id": "u", "item_id": item, "timestamp": "1"} for item in ("space-1", "nowhere", "space-2")]
    with pytest.raises(BadData, match="nowhere"):
        Recommender.open(own).record(rows)
    assert status(own) == before
    tally = Recommender.open(own).record(rows, on_error="skip")
    assert (tally.accepted, tally.rejected, len(tally.notes)) == (2, 1, 1)
    assert "row 2, column item_id: 'nowhere'" in tally.notes[0]


def test_more_seen_items_than_the_history_shows_stay_hidden(own: Path) -> None:
    (own / "plait.toml").write_text("[recommend]\nhistory = 2\n", encoding="utf-8")
    recommender = Recommender.open(own)
    seen = {row["item_id"] for row in toy.interactions() if row["user_id"] == "user-3"}
    assert len(seen) == 5
    shown = {item.item_id for item in recommender.recommend("user-3", limit=50).items}
    assert shown == {row["item_id"] for row in toy.items()} - seen
    assert len(recommender.recommend_history(["cooking-1"], Selection(50)).items) == 23
