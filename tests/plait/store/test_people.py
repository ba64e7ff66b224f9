"""Users, relations, exposures, and small things under keys."""

from collections.abc import Callable

import pytest

from plait.records import Exposure, Relation, User
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
