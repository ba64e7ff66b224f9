"""Users, relations, exposures, and small things under keys."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from plait.records import Event, Exposure, Relation, User
from plait.store import Store
from plait.store.chunks import CHUNK
from tests.plait.store.samples import event, stored


def test_users_survive(store: Store, opened: Callable[[], Store]) -> None:
    given = [User("b", {"age": 30.0, "langs": ("da", "en")}), User("a"), User("007", {"job": "None"})]
    with store.write() as change:
        assert change.upsert_users(given) == 3
        assert change.upsert_users(given) == 0
        assert change.upsert_users([User("a", {"age": 1.0}), given[0]]) == 1
    again = opened()
    assert list(again.users()) == [given[0], given[2], User("a", {"age": 1.0})]
    assert again.sequence() == 4


def test_user_ids_are_those_with_attributes_or_events(store: Store) -> None:
    with store.write() as change:
        change.upsert_users([User("c"), User("a")])
        change.record([event(1, user_id="b"), event(2, user_id="a"), event(3, user_id="b")])
    assert store.user_ids() == ["a", "b", "c"]


def test_many_users(store: Store) -> None:
    given = [User(f"u{n}") for n in range(2 * CHUNK + 1)]
    with store.write() as change:
        assert change.upsert_users(iter(given)) == len(given)
    assert list(store.users()) == given
    assert store.users_by_id([*(user.user_id for user in given), "stranger"]) == {user.user_id: user for user in given}
    assert store.users_by_id([]) == {}


def test_relations(store: Store) -> None:
    with store.write() as change:
        assert change.upsert_relations([Relation("a", "b"), Relation("b", "a", 2.0), Relation("a", "c", 0.5)]) == 3
        assert change.upsert_relations([Relation("a", "b"), Relation("b", "a", 3.0)]) == 1
        assert change.upsert_relations([Relation("x", "y", 1.0), Relation("x", "y", 2.0)]) == 1
    assert store.relations() == [
        Relation("a", "b"), Relation("a", "c", 0.5), Relation("b", "a", 3.0), Relation("x", "y", 2.0),
    ]  # fmt: skip
    assert store.sequence() == 5


def test_many_relations(store: Store) -> None:
    given = [Relation(f"u{n}", f"u{n + 1}", float(n)) for n in range(CHUNK + 50)]
    with store.write() as change:
        assert change.upsert_relations(given) == len(given)
        assert change.upsert_relations(given) == 0
    assert store.relations() == given
    assert store.relations_of([f"u{n}" for n in range(CHUNK + 50)], 3) == given[1:]
    assert store.relations_of(["u3", "stranger", "u3"], 3) == [given[3]]
    assert store.relations_of([], 3) == []


def test_the_strongest_relations_of_users(store: Store) -> None:
    given = [Relation("a", "d", 2.0), Relation("a", "c", 2.0), Relation("a", "b", 0.5), Relation("a", "e", 3.0)]
    with store.write() as change:
        change.upsert_relations([*given, Relation("a", "f", 0.0), Relation("a", "g", -4.0), Relation("b", "a", 1.0)])
    assert store.relations_of(["b", "a"], 2) == [Relation("b", "a", 1.0), given[3], given[1]]
    assert store.relations_of(["a"], 9) == [given[3], given[1], given[0], given[2]]


def test_exposures(store: Store, opened: Callable[[], Store]) -> None:
    shown = [
        Exposure("r1", "u", 10.0, "plain", ("c", "a", "b"), (1.0, 0.5, 0.25)),
        Exposure("r2", "v", 11.0, "plain", ("a",), (1.0,)),
        Exposure("r3", "u", 9.0, "explore", (), ()),
    ]
    with store.write() as change:
        change.add_exposures(shown[:2])
        change.add_exposures(shown[2:])
        change.add_exposures([])
    again = opened()
    assert again.exposures("u") == [shown[0], shown[2]]
    assert again.exposures("v") == [shown[1]]
    assert again.exposures("nobody") == []
    assert again.sequence() == 3


@pytest.mark.parametrize("together", [True, False])
def test_a_recommendation_is_exposed_once(store: Store, together: bool) -> None:
    one = Exposure("r", "u", 1.0, "plain", ("a",), (1.0,))

    def expose() -> None:
        with store.write() as change:
            for slate in [[one, one]] if together else [[one], [one]]:
                change.add_exposures(slate)

    with pytest.raises(ValueError, match="recommendation_id 'r' comes twice"):
        expose()
    assert store.exposures("u") == []


def test_a_slate_needs_a_propensity_for_each_item(store: Store) -> None:
    with pytest.raises(ValueError, match="propensities has 1 entries; expected 2"), store.write() as change:
        change.add_exposures([Exposure("r", "u", 1.0, "plain", ("a", "b"), (1.0,))])
    assert store.counts()["exposures"] == 0


def test_meta(store: Store, opened: Callable[[], Store]) -> None:
    with store.write() as change:
        change.set_meta({"a": "1", "b": "2"})
        change.set_meta({"b": "3"})
    assert opened().meta("a") == "1"
    assert opened().meta("b") == "3"
    assert opened().meta("c") is None
    assert store.sequence() == 0


def test_counts(store: Store) -> None:
    none = dict.fromkeys(("items", "events", "users", "relations", "exposures"), 0)
    assert store.counts() == none
    with store.write() as change:
        change.upsert_items([stored("a"), stored("b")])
        change.remove_items(["a"])
        change.record([event(1), event(2), event(3)])
        change.upsert_users([User("u")])
        change.upsert_relations([Relation("u", "v")])
    assert store.counts() == none | {"items": 1, "events": 3, "users": 1, "relations": 1}
    assert store.problems() == []


def test_what_was_shown_and_what_answers_it(store: Store) -> None:
    with store.write() as change:
        change.add_exposures([Exposure("r1", "u", 10.0, "plain", ("a", "b"), (1.0, 0.5))])
        change.add_exposures([Exposure("r2", "v", 11.0, "plain", ("a",), (1.0,))])
    between = store.sequence()
    click = Event("u", "a", 12.0, recommendation_id="r1")
    with store.write() as change:
        change.record(
            [
                click, replace(click, timestamp=13.0), replace(click, event="view", value=3.0),
                # Of another user, another slate, an item that did not stand there, and no slate at all.
                replace(click, user_id="v"), replace(click, recommendation_id="r2"), replace(click, item_id="c"),
                replace(click, recommendation_id="r9"), replace(click, recommendation_id=""),
                Event("u", "", 14.0, "search", query="socks"),
            ]
        )  # fmt: skip
        change.add_exposures([Exposure("r3", "u", 15.0, "plain", ("a", "c"), (1.0, 1.0))])
    assert sorted(store.responses(), key=str) == [("r1", "a", "click", None), ("r1", "a", "view", 3.0)]
    assert store.responses(after=store.sequence()) == store.responses(until=between) == []
    assert store.times_shown() == {"a": 3, "b": 1, "c": 1}
    assert store.times_shown(after=between) == {"a": 1, "c": 1}
    assert store.times_shown(until=between) == {"a": 2, "b": 1}
    assert (store.times_found(), store.times_found(until=between)) == ({"a": 1}, {})
    assert [shown.recommendation_id for shown in store.all_exposures()] == ["r1", "r2", "r3"]
