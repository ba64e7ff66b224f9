"""The files of a studio catalogue: whole, readable by Plait's own readers, the same from the same seed."""

import csv
import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from embedders.items import Item, Strand
from embedders.media import check_media
from plait.attributes import infer_types
from plait.catalog import item_columns, read_interactions, read_items, read_relations, read_users, user_columns
from plait.catalog.reading import all_values
from plait.cleaning import tireless_users
from plait.config import Events
from plait.datasets.motifs import SIDE
from plait.datasets.plan import StudioPlan, read_plan
from plait.datasets.strengths import BOTS, DOUBLED
from plait.datasets.studio import write_studio
from plait.datasets.tones import SAMPLE_RATE, SECONDS
from plait.event_weights import event_types
from plait.records import Event
from plait.tables import open_table

Small = tuple[Path, StudioPlan]


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def items(small: Small) -> list[Item]:
    folder, _ = small
    rows = open_table(folder / "items.csv", "items")
    types = infer_types(rows, item_columns(rows))
    return all_values(read_items(rows, types, media_root=folder, check_media=check_media))


@pytest.fixture(scope="module")
def events(small: Small) -> list[Event]:
    folder, plan = small
    rows = open_table(folder / "interactions.csv", "interactions")
    return all_values(read_interactions(rows, event_types=event_types(Events()), known_items=set(plan.families)))


def test_the_same_numbers_give_the_same_bytes(small: Small, tmp_path: Path) -> None:
    folder, plan = small
    again = write_studio(tmp_path, items=48, listeners=40)
    assert again == plan
    assert digests(tmp_path) == digests(folder)


def test_another_seed_gives_another_catalogue(small: Small, tmp_path: Path) -> None:
    folder, _ = small
    write_studio(tmp_path, seed=8, items=24, listeners=5)
    mine, theirs = digests(folder), digests(tmp_path)
    assert not set(mine.values()) & set(theirs.values())


def test_listeners_do_not_move_the_items(small: Small, tmp_path: Path) -> None:
    folder, _ = small
    write_studio(tmp_path, items=48, listeners=3)
    mine, theirs = digests(folder), digests(tmp_path)
    media = [name for name in mine if name.startswith(("covers/", "sounds/"))]
    assert media
    assert all(mine[name] == theirs[name] for name in [*media, "items.csv"])


@pytest.mark.parametrize(("items", "listeners", "said"), [(23, 5, "items is 23"), (24, 0, "listeners is 0")])
def test_too_small_a_catalogue_is_refused_before_anything_is_written(
    tmp_path: Path, items: int, listeners: int, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        write_studio(tmp_path / "studio", items=items, listeners=listeners)
    assert not (tmp_path / "studio").exists()


def test_the_smallest_catalogue_can_be_written(tmp_path: Path) -> None:
    plan = write_studio(tmp_path, items=24, listeners=1)
    assert Counter(plan.families.values()) == dict.fromkeys(set(plan.families.values()), 2)
    assert len(plan.tastes) == 1


def test_plaits_readers_take_every_row(small: Small, items: list[Item], events: list[Event]) -> None:
    folder, plan = small
    assert [item.item_id for item in items] == list(plan.families)
    people = open_table(folder / "users.csv", "users")
    users = all_values(read_users(people, infer_types(people, user_columns(people))))
    assert [user.user_id for user in users] == list(plan.tastes)
    edges = all_values(read_relations(open_table(folder / "relations.csv", "relations")))
    assert [(edge.user_id, edge.other_id) for edge in edges] == list(plan.friends)
    assert len(events) == len(table(folder / "interactions.csv"))


def test_attributes_are_typed(items: list[Item]) -> None:
    for item in items:
        assert isinstance(item.attributes["year"], float)
        assert isinstance(item.attributes["price"], float)
        assert isinstance(item.attributes["maker"], str)
        assert isinstance(item.attributes["tags"], tuple)
        assert item.created_at is not None


def test_the_strands_of_each_item_are_those_of_the_plan(small: Small, items: list[Item]) -> None:
    _, plan = small
    for item in items:
        has = {strand for strand in Strand if item.content(strand)}
        assert has, item.item_id
        assert (Strand.TEXT in has) == (item.item_id in plan.told)
        assert (Strand.IMAGE in has) == (item.item_id in plan.shown)
        assert (Strand.AUDIO in has) == (item.item_id in plan.heard)
        assert (has == {Strand.IMAGE}) == (item.item_id in plan.picture_only)
        assert (has == {Strand.AUDIO}) == (item.item_id in plan.sound_only)


def test_no_content_stands_twice(small: Small, items: list[Item]) -> None:
    folder, _ = small
    descriptions = [item.description for item in items if item.description]
    assert len(set(descriptions)) == len(descriptions)
    media = {name: digest for name, digest in digests(folder).items() if "/" in name}
    assert len(set(media.values())) == len(media)


def test_media_are_what_they_say(items: list[Item]) -> None:
    for item in items:
        if item.image:
            with Image.open(item.image) as picture:
                assert (picture.format, picture.size, picture.mode) == ("JPEG", (SIDE, SIDE), "RGB")
        if item.audio:
            about = soundfile.info(item.audio)
            assert (about.format, about.samplerate, about.channels) == ("FLAC", SAMPLE_RATE, 1)
            assert about.frames == int(SECONDS * SAMPLE_RATE)


def test_the_log_is_in_the_order_of_time(events: list[Event]) -> None:
    times = [event.timestamp for event in events]
    assert times == sorted(times)


def test_hidden_events_stand_in_no_file(small: Small, events: list[Event]) -> None:
    _, plan = small
    done = {(event.user_id, event.item_id) for event in events}
    last = {event.user_id: event.timestamp for event in events}
    assert plan.hidden
    for user_id, item_id in plan.hidden.items():
        assert (user_id, item_id) not in done
        assert last[user_id] <= plan.hidden_at[user_id]


def test_bots_are_faster_than_a_person_and_nobody_else_is(small: Small, events: list[Event]) -> None:
    _, plan = small
    names = sorted({event.user_id for event in events})
    rows = {name: row for row, name in enumerate(names)}
    users = np.array([rows[event.user_id] for event in events])
    flagged = tireless_users(users, np.array([event.timestamp for event in events]), names)
    assert sorted(flagged) == sorted(plan.bots)
    assert len(plan.bots) == BOTS
    assert not set(plan.bots) & set(plan.tastes)


def test_some_events_are_written_twice(events: list[Event]) -> None:
    counts = Counter(event.identity for event in events)
    assert sum(counts.values()) - len(counts) == DOUBLED
    assert max(counts.values()) == 2


def test_the_plan_in_the_folder_is_the_plan_returned(small: Small) -> None:
    folder, plan = small
    assert read_plan(folder) == plan
