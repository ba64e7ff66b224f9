"""The stream: events by the number that they were recorded under first, whoever they belong to by now."""

from collections.abc import Callable

from sqlalchemy import text

from plait.records import Event
from plait.store import Store, versions
from plait.store.places import Place
from tests.plait.store.samples import event, interaction


def record(store: Store, *events: Event) -> int:
    """Record events; return the number of the last."""
    store.record(events)
    return store.sequence()


def move(store: Store, from_user: str, to_user: str) -> None:
    with store.write() as change:
        change.move_events(from_user, to_user)


def read(store: Store, after: int) -> list[tuple[int, str, str]]:
    return [(one.sequence, one.user_id, one.interaction.item_id) for one in store.stream_after(after, limit=99)]


def test_what_was_read_is_not_read_again_once_it_is_moved(store: Store) -> None:
    read_until = record(store, event(1, "visitor"), event(2, "user"), event(3, "visitor"))
    move(store, "visitor", "user")
    assert store.stream_after(read_until, limit=9) == []
    assert store.told_after(read_until) == 0
    assert list(store.told_since(read_until)) == []
    assert store.sequence() > read_until
    record(store, event(4, "user"))
    assert [item for _, _, item in read(store, read_until)] == ["i4"]
    assert store.told_after(read_until) == 1


def test_what_was_not_read_is_read_in_its_place_and_of_whom_it_is_now(store: Store) -> None:
    begun = record(store, event(1, "visitor"))
    record(store, event(2, "visitor"), event(3, "user"), event(4, "visitor"), event(5, "visitor", event="impression"))
    move(store, "visitor", "user")
    assert read(store, begun) == [(begun + 1, "user", "i2"), (begun + 2, "user", "i3"), (begun + 3, "user", "i4")]
    assert [one.moved for one in store.stream_after(begun, limit=9)] == [True, False, True]
    assert read(store, begun + 2) == [(begun + 3, "user", "i4")]
    assert [one.sequence for one in store.stream_after(begun, limit=2)] == [begun + 1, begun + 2]
    assert (store.told_after(begun), store.told_after(begun + 1)) == (3, 2)
    wanted = [("user", interaction(event(number))) for number in (2, 3, 4)]
    assert list(store.told_since(begun)) == wanted
    assert list(store.told_since(begun, until=begun + 2)) == wanted[:2]


def test_an_event_that_is_moved_twice_was_recorded_once(store: Store) -> None:
    record(store, event(1, "visitor"))
    move(store, "visitor", "guest")
    between = store.sequence()
    move(store, "guest", "user")
    assert read(store, 0) == [(1, "user", "i1")]
    assert read(store, 1) == []
    assert (store.told_after(0), store.told_after(1)) == (1, 0)
    # Who remembers the log hears of it all the same.
    assert [user for user, _ in store.interactions_after(between)] == ["user"]


def test_the_last_ones_up_to_a_number(store: Store) -> None:
    record(store, event(1, "visitor"), event(2, "user"), event(3, "visitor"))
    until = record(store, event(4, "user"), event(5, "user", event="impression"), event(6, "user", event="impression"))
    move(store, "visitor", "user")
    record(store, event(7, "user"))
    assert [one.sequence for one in store.stream_before(until, after=0, limit=2)] == [3, 4]
    assert [one.sequence for one in store.stream_before(until, after=0, limit=9)] == [1, 2, 3, 4]
    assert [one.sequence for one in store.stream_before(until, after=2, limit=9)] == [3, 4]
    assert [one.sequence for one in store.stream_before(3, after=0, limit=2)] == [2, 3]
    assert store.stream_before(until, after=until, limit=9) == []


def test_a_store_of_the_version_before_is_brought_up(fresh: Callable[[], Place]) -> None:
    place = fresh()
    with Store.create(place) as store:
        read_until = record(store, event(1, "visitor"))
        with store._database.writing() as connection:
            connection.execute(text("DROP INDEX events_moved"))
            connection.execute(text("ALTER TABLE events DROP COLUMN recorded"))
            connection.execute(text(f"UPDATE meta SET value = '3' WHERE key = '{versions.KEY}'"))
    with Store.open(place) as store:
        record(store, event(2, "visitor"))
        move(store, "visitor", "user")
        assert read(store, 0) == [(1, "user", "i1"), (2, "user", "i2")]
        assert [item for _, _, item in read(store, read_until)] == ["i2"]
