"""Events: recorded once, read back by user, by number and as arrays."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plait.records import Event
from plait.store import EventCounts, Store
from plait.store.chunks import CHUNK
from plait.store.places import Place
from plait.store.reads import PAGE
from tests.plait.store.samples import event, interaction

FULL = Event("ü", "007", 1.7e9 + 0.25, "rating", 4.5, "id", "session", "recommendation", "a query")


def all_events(store: Store, after: int = 0) -> list[Event]:
    return [one for batch in store.events(after=after) for one in batch]


def test_every_field_survives(store: Store, opened: Callable[[], Store]) -> None:
    search = Event("ü", "", 0.0, "search", query="socks")
    with store.write() as change:
        assert change.record([FULL, search]) == EventCounts(accepted=2, unknown_slates=1)
    again = opened()
    assert all_events(again) == [FULL, search]
    assert again.recent_interactions(["ü"], 5) == {"ü": [interaction(FULL)]}


def test_an_identity_counts_once(store: Store) -> None:
    nameless = replace(FULL, event_id="")
    with store.write() as change:
        assert change.record([FULL, nameless, FULL]) == EventCounts(2, 1, unknown_slates=2)
    with store.write() as change:
        assert change.record([nameless, replace(FULL, value=1.0), event(1)]) == EventCounts(1, 2, differing=1)
    assert all_events(store) == [FULL, nameless, event(1)]
    assert store.sequence() == 3


def test_of_one_identity_the_first_stands_within_and_between_chunks(store: Store) -> None:
    first = [event(n) for n in range(CHUNK + 10)]
    later = [replace(one, value=9.0) for one in first]
    with store.write() as change:
        assert change.record([*first[:5], *later, *first]) == EventCounts(CHUNK + 10, CHUNK + 15, CHUNK + 10)
    assert all_events(store) == first[:5] + later[5:]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1), st.integers(0, 1)), max_size=9)))
def test_counts_against_a_dict(store: Store, batches: list[list[tuple[int, int, int]]]) -> None:
    base, there = store.sequence(), dict[str, Event]()
    for batch in batches:
        events = [event(0, event_id=f"{base}-{n}", value=float(v), timestamp=float(t)) for n, v, t in batch]
        expected = [0, 0, 0]
        for one in events:
            first = there.setdefault(one.event_id, one)
            expected[first is not one] += 1
            expected[2] += first.value != one.value
        with store.write() as change:
            assert change.record(events) == EventCounts(*expected)
    assert all_events(store, after=base) == list(there.values())
    assert store.sequence() == base + len(there)


def test_nameless_rows_differ_by_every_column(store: Store) -> None:
    plain = Event("u", "i", 1.0)
    others = [
        replace(plain, user_id="v"), replace(plain, item_id="j"), replace(plain, timestamp=2.0),
        replace(plain, event="like"), replace(plain, value=0.0), replace(plain, session_id="s"),
        replace(plain, recommendation_id="r"), replace(plain, query="q"),
    ]  # fmt: skip
    with store.write() as change:
        assert change.record([plain, *others, plain]) == EventCounts(9, 1, unknown_slates=1)


def test_the_newest_come_last_and_ties_in_the_order_recorded(store: Store) -> None:
    times = [5.0, 1.0, 5.0, 3.0, 5.0]
    with store.write() as change:
        change.record([event(n, timestamp=time) for n, time in enumerate(times)])
    found = store.recent_interactions(["user"], 4)["user"]
    assert [one.item_id for one in found] == ["i3", "i0", "i2", "i4"]


def test_users_asked_for_at_once(store: Store) -> None:
    with store.write() as change:
        change.record([event(n, user_id=f"u{n % 3}") for n in range(9)])
    found = store.recent_interactions(["u2", "nobody", "u0"], 2)
    assert {user: [one.item_id for one in some] for user, some in found.items()} == {
        "u2": ["i5", "i8"], "nobody": [], "u0": ["i3", "i6"],
    }  # fmt: skip
    assert list(found) == ["u2", "nobody", "u0"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([0.0, 1.0, 1.5, -3.0])), max_size=30),
    limit=st.integers(1, 12),
)
def test_recent_events_against_a_sort(store: Store, rows: list[tuple[str, float]], limit: int) -> None:
    base = store.sequence()
    users = {name: f"{name} of {base}" for name in "abc"}
    events = [event(base + n, user_id=users[name], timestamp=time) for n, (name, time) in enumerate(rows)]
    with store.write() as change:
        change.record([*events, event(base + len(rows), user_id="nobody")])
    for user in users.values():
        expected = sorted((one for one in events if one.user_id == user), key=lambda one: one.timestamp)[-limit:]
        assert store.recent_interactions([user], limit)[user] == list(map(interaction, expected))


def test_what_tells_nothing_takes_no_place(store: Store) -> None:
    with store.write() as change:
        change.record([event(1, event="like")])
        change.record([event(n, event="impression") for n in range(2, 9)])
    assert [one.item_id for one in store.recent_interactions(["user"], 3)["user"]] == ["i1"]


def test_tailing_by_number(store: Store) -> None:
    with store.write() as change:
        change.record([event(n) for n in range(PAGE + 5)])
    batches = list(store.events(after=3))
    assert [len(batch) for batch in batches] == [PAGE, 2]
    assert batches[0][0] == event(3)
    assert list(store.events(after=PAGE + 5)) == []


def test_seen_items_and_counts(store: Store) -> None:
    kinds = ["impression", "view", "like", "search", "hide"]
    with store.write() as change:
        change.record([event(n, event=kind) for n, kind in enumerate(kinds)])
        change.record([event(9, event="search", item_id=""), event(10, user_id="other")])
    assert store.seen_items("user") == {"i1", "i2", "i4"}
    assert store.seen_items("nobody") == set()
    assert store.event_count("user") == 6
    assert store.event_count("nobody") == 0


def test_columns_of_nothing(store: Store) -> None:
    columns = store.event_columns()
    assert len(columns) == 0
    assert columns.user_ids == ()
    assert columns.users.dtype == np.int64
    assert columns.values.dtype == np.float64


def test_columns_against_the_events(store: Store) -> None:
    rng = np.random.default_rng(0)
    given_events = [
        event(
            n, user_id=f"u{rng.integers(5)}", item_id=f"i{rng.integers(9)}", timestamp=float(rng.random()),
            event=str(rng.choice(["view", "like"])), value=None if rng.random() < 0.5 else float(n),
        )
        for n in range(2 * PAGE + 1)
    ]  # fmt: skip
    with store.write() as change:
        change.upsert_users([])
        change.record(given_events)
    columns = store.event_columns()
    assert len(columns) == len(given_events)
    assert [columns.user_ids[code] for code in columns.users] == [one.user_id for one in given_events]
    assert [columns.item_ids[code] for code in columns.items] == [one.item_id for one in given_events]
    assert [columns.event_names[code] for code in columns.events] == [one.event for one in given_events]
    np.testing.assert_array_equal(columns.timestamps, [one.timestamp for one in given_events])
    np.testing.assert_array_equal(
        columns.values, np.array([np.nan if one.value is None else one.value for one in given_events])
    )
    np.testing.assert_array_equal(columns.sequences, np.arange(1, len(given_events) + 1))
    assert columns.user_ids[0] == given_events[0].user_id


def test_what_is_told_after_a_number_comes_in_the_order_recorded(store: Store) -> None:
    with store.write() as change:
        change.record([event(5, "b"), event(1, "a", event="impression"), event(2, "a", event="search", query="q")])
    begun = store.sequence()
    later = [event(4, "a", event="rating", value=2.0), event(3, "b"), event(9, "a", event="impression"), event(6, "c")]
    with store.write() as change:
        change.record(later)
    wanted = [(one.user_id, interaction(one)) for one in later if one.event != "impression"]
    assert list(store.interactions_after(begun)) == wanted
    assert [user for user, _ in store.interactions_after(0)] == ["b", "a", "b", "c"]
    assert list(store.interactions_after(store.sequence())) == []
    assert list(store.interactions_after(begun, until=begun + 2)) == wanted[:2]
    assert list(store.interactions_after(begun, until=begun)) == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "s", "t"]), st.sampled_from(["click", "impression", "search"]), st.integers(0, 4)
        ),
        max_size=12,
    ),
    st.integers(1, 6),
)
def test_events_of_a_session(fresh: Callable[[], Place], rows: list[tuple[str, str, int]], limit: int) -> None:
    told = [
        event(
            number, f"user-{number % 2}", session_id=session, event=kind, timestamp=float(time),
            query="q" if kind == "search" else "",
        )
        for number, (session, kind, time) in enumerate(rows)
    ]  # fmt: skip
    with Store.create(fresh()) as store:
        with store.write() as change:
            change.record(told)
        for session in ("s", "t"):
            mine = sorted(
                (one for one in told if one.session_id == session and one.event != "impression"),
                key=lambda one: one.timestamp,
            )
            assert store.session_events(session, limit) == [
                (one.user_id, interaction(one), one.query) for one in mine[-limit:]
            ]
        assert store.session_events("", limit) == []
