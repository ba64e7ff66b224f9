"""Erasing in the store: every row of one user goes, none of another, and the line that stays tells nobody's name."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table

from plait.records import Event, Exposure, Relation, User
from plait.store import Store, schema
from plait.store.erasing import _rows_of
from plait.store.places import Place

NAMES = ["a", "ab", "a%", "A", "é"]
PEOPLE = {"user_id", "other_id"}


def naming_people() -> set[str]:
    """Return the tables with a column that names a user, and those that belong to a row of such a one."""
    tables = schema.metadata.tables.values()
    direct = {table.name for table in tables if PEOPLE & set(table.columns.keys())}

    def belongs(table: Table) -> bool:
        return any(key.column.table.name in direct for column in table.columns for key in column.foreign_keys)

    return direct | {table.name for table in tables if belongs(table)}


def test_every_table_that_names_people_is_erased_from() -> None:
    assert {table.name for table, _ in _rows_of("somebody")} == naming_people()


def everything(store: Store) -> dict[str, Any]:
    events = [event for batch in store.events() for event in batch]
    shown = {name: store.exposures(name) for name in NAMES}
    return {"users": list(store.users()), "relations": store.relations(), "events": events, "exposures": shown}


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), unique=True, max_size=12),
    erased=st.sampled_from(NAMES),
)
def test_what_is_left_is_what_a_loop_leaves(
    fresh: Callable[[], Place], pairs: list[tuple[str, str]], erased: str
) -> None:
    with Store.create(fresh()) as store:
        with store.write() as change:
            change.upsert_relations([Relation(one, other) for one, other in pairs])
            change.upsert_users([User(one, {"x": "y"}) for one, _ in pairs])
            change.record([Event(one, other, float(n)) for n, (one, other) in enumerate(pairs)])
            change.add_exposures([Exposure(f"r{n}", one, 0.0, "p", ("i",), (1.0,)) for n, (one, _) in enumerate(pairs)])
        before, sequence = everything(store), store.sequence()
        with store.write() as change:
            removed = change.erase_user(erased, now=5.0)
        after = everything(store)
        assert after["users"] == [user for user in before["users"] if user.user_id != erased]
        assert after["events"] == [event for event in before["events"] if event.user_id != erased]
        assert after["relations"] == [
            each for each in before["relations"] if erased not in (each.user_id, each.other_id)
        ]
        assert after["exposures"] == {**before["exposures"], erased: []}
        assert store.sequence() == sequence + any(removed.values())
        assert store.is_erasing() == any(removed.values())
        assert [line.removed for line in store.erasures()] == [removed] * any(removed.values())


def test_an_erasure_is_found_by_the_id_and_by_nothing_else(fresh: Callable[[], Place]) -> None:
    with Store.create(fresh()) as store:
        assert store.erasure_of("a") == store.erased() == 0
        for number, name in enumerate(["a", "b", "a"], start=1):
            with store.write() as change:
                change.record([Event(name, "i", float(number))])
            with store.write() as change:
                change.erase_user(name, now=float(number))
        assert (store.erasure_of("a"), store.erasure_of("b"), store.erasure_of("ab")) == (6, 4, 0)
        assert store.erased() == 6
        assert [line.at for line in store.erasures()] == [1.0, 2.0, 3.0]
        first, _, third = store.erasures()
        assert first.user == third.user
        with store.write() as change:
            change.end_erasing()
        assert not store.is_erasing()
    with Store.create(fresh()) as other:
        with other.write() as change:
            change.record([Event("a", "i", 0.0)])
            change.erase_user("a", now=0.0)
        # Another workspace has another key: its lines cannot be laid beside these.
        assert other.erasures()[0].user != first.user
