"""The store against dicts, over any order of changes, and a tail that must end where the store stands."""

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from embedders.items import Item
from plait.records import Event, Relation, User
from plait.store import Store, StoredItem
from plait.store.places import Place
from tests.plait.store.samples import interaction

IDS = st.sampled_from(["a", "b", "007", "NA", "é"])
TITLES = st.sampled_from(["", "one", "two"])
ITEMS = st.builds(lambda item_id, title: StoredItem(Item(item_id, title=title)), IDS, TITLES)
EVENTS = st.builds(
    Event,
    user_id=st.sampled_from(["u", "v"]),
    item_id=IDS,
    timestamp=st.sampled_from([1.0, 2.0, 3.0]),
    event=st.sampled_from(["view", "impression"]),
    event_id=st.sampled_from(["", "x", "y"]),
)


class Undone(Exception):
    """Raised to undo a block."""


class StoreMachine(RuleBasedStateMachine):
    """Every change is made to a store and to dicts; every read must agree."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.store = Store.create(place)
        self.items: dict[str, str] = {}
        self.removed: set[str] = set()
        self.events: dict[str, Event] = {}
        self.users: dict[str, User] = {}
        self.relations: dict[tuple[str, str], float] = {}
        self.sequence = 0
        self.tail: dict[str, str] = {}
        self.tailed = 0

    def teardown(self) -> None:
        self.store.close()

    @rule(items=st.lists(ITEMS, max_size=4, unique_by=lambda stored: stored.item.item_id))
    def upsert_items(self, items: list[StoredItem]) -> None:
        with self.store.write() as change:
            counts = change.upsert_items(items)
        given = {stored.item.item_id: stored.item.title for stored in items}
        assert counts.added == sum(item_id not in self.items for item_id in given)
        assert counts.updated == sum(self.items.get(item_id, title) != title for item_id, title in given.items())
        assert counts.added + counts.updated + counts.unchanged == len(items)
        self.sequence += counts.added + counts.updated
        self.items |= given
        self.removed -= set(given)

    @rule(item_ids=st.lists(IDS, max_size=3))
    def remove_items(self, item_ids: list[str]) -> None:
        with self.store.write() as change:
            count = change.remove_items(item_ids)
        gone = set(item_ids) & set(self.items)
        assert count == len(gone)
        self.sequence += count
        self.removed |= gone
        for item_id in gone:
            del self.items[item_id]

    @rule(events=st.lists(EVENTS, max_size=5))
    def record(self, events: list[Event]) -> None:
        with self.store.write() as change:
            counts = change.record(events)
        before = len(self.events)
        for event in events:
            self.events.setdefault(event.identity, event)
        assert counts.accepted == len(self.events) - before
        assert counts.duplicates == len(events) - counts.accepted
        self.sequence += counts.accepted

    @rule(user_id=IDS, age=st.sampled_from([1.0, 2.0]), weight=st.sampled_from([1.0, 2.0]))
    def people(self, user_id: str, age: float, weight: float) -> None:
        user, relation = User(user_id, {"age": age}), Relation(user_id, "friend", weight)
        with self.store.write() as change:
            changed = change.upsert_users([user]) + change.upsert_relations([relation])
        expected = (self.users.get(user_id) != user) + (self.relations.get((user_id, "friend")) != weight)
        assert changed == expected
        self.sequence += changed
        self.users[user_id] = user
        self.relations[(user_id, "friend")] = weight

    @rule(items=st.lists(ITEMS, min_size=1, max_size=3), events=st.lists(EVENTS, max_size=3))
    def undone(self, items: list[StoredItem], events: list[Event]) -> None:
        try:
            with self.store.write() as change:
                change.upsert_items(items)
                change.record(events)
                raise Undone
        except Undone:
            pass

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = Store.open(self.place)

    @precondition(lambda self: self.tailed < self.sequence)
    @rule()
    def follow(self) -> None:
        now = self.store.sequence()
        for stored in self.store.items(after=self.tailed, include_removed=True):
            if stored.removed:
                self.tail.pop(stored.item.item_id, None)
            else:
                self.tail[stored.item.item_id] = stored.item.title
        self.tailed = now
        assert self.tail == self.items

    @invariant()
    def agrees(self) -> None:
        store = self.store
        assert store.sequence() == self.sequence
        assert store.item_ids() == sorted(self.items)
        assert store.item_ids(include_removed=True) == sorted(set(self.items) | self.removed)
        assert store.titles([*self.items, *self.removed, "missing"]) == self.items
        numbers = [stored.sequence for stored in store.items(include_removed=True)]
        assert numbers == sorted(set(numbers))
        assert [event for batch in store.events() for event in batch] == list(self.events.values())
        assert {user.user_id: user for user in store.users()} == self.users
        assert {(one.user_id, one.other_id): one.weight for one in store.relations()} == self.relations
        assert store.user_ids() == sorted(set(self.users) | {event.user_id for event in self.events.values()})

    @invariant()
    def latest_events(self) -> None:
        for user_id in ("u", "v"):
            mine = [event for event in self.events.values() if event.user_id == user_id]
            telling = [event for event in mine if event.event != "impression"]
            expected = sorted(telling, key=lambda event: event.timestamp)[-3:]
            assert self.store.recent_interactions([user_id], 3)[user_id] == list(map(interaction, expected))
            seen = {event.item_id for event in mine if event.event != "impression"}
            assert self.store.seen_items(user_id) == seen


def test_any_order_of_changes(fresh: Callable[[], Place]) -> None:
    few = settings(max_examples=20, stateful_step_count=15, deadline=None)

    class FreshMachine(StoreMachine):
        def __init__(self) -> None:
            super().__init__(fresh())

    run_state_machine_as_test(FreshMachine, settings=few)
