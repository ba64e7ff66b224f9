"""The log as the ranker reads it, beside a loop over events; histories of the same events."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embedders.items import Item
from index import IdMap
from plait.event_weights import event_weight, is_positive
from plait.history import histories_of, read_log
from plait.records import SEEN_EXEMPT, Event, Interaction
from plait.store import StoredItem
from plait.workspace import Workspace

ITEMS = ("a", "b", "007")
EVENTS = st.lists(
    st.builds(
        Event,
        user_id=st.sampled_from(["u", "v", "NA"]),
        item_id=st.sampled_from([*ITEMS, "gone"]),
        timestamp=st.sampled_from([0.0, 1.0, 2.5]),
        event=st.sampled_from(["click", "rating", "impression", "view", "dislike"]),
        value=st.sampled_from([None, 1.0, 4.0, 5.0]),
    ),
    max_size=25,
)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace.create(tmp_path / "workspace", bundle=None)
    with made.store.write() as change:
        change.upsert_items([StoredItem(Item(item_id, title=item_id)) for item_id in (*ITEMS, "gone")])
        change.remove_items(["gone"])
    return made


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS, out=st.booleans())
def test_the_log_beside_a_loop(workspace: Workspace, events: list[Event], out: bool) -> None:
    with workspace.store.write() as change:
        change.record(events)
    left_out = ["v"] if out else []
    log = read_log(workspace, IdMap(ITEMS), left_out=left_out)
    stored = [event for batch in workspace.store.events() for event in batch]
    told = [e for e in stored if e.item_id in ITEMS and e.event not in SEEN_EXEMPT and e.user_id not in left_out]
    told.sort(key=lambda event: event.timestamp)
    config = workspace.config.events
    assert log.user_ids.ids(log.users) == [event.user_id for event in told]
    assert log.item_ids.ids(log.items) == [event.item_id for event in told]
    assert log.times.tolist() == [event.timestamp for event in told]
    np.testing.assert_allclose(log.weights, [event_weight(e.event, e.value, config) for e in told], rtol=1e-6)
    assert log.positive.tolist() == [is_positive(event.event, event.value, config) for event in told]
    ratings = [e.value if e.event == "rating" and e.value is not None else np.nan for e in told]
    np.testing.assert_array_equal(log.ratings, np.asarray(ratings, dtype=np.float32))
    assert set(log.user_ids) == {event.user_id for event in told}


def test_a_log_without_events_has_the_types_of_one_with(workspace: Workspace) -> None:
    log = read_log(workspace, IdMap(ITEMS))
    assert (len(log.users), len(log.user_ids), len(log.item_ids)) == (0, 0, 3)
    kinds = [str(column.dtype) for column in (log.users, log.weights, log.positive)]
    assert kinds == ["int64", "float32", "bool"]
    assert len(log.interactions()) == 0


def test_histories_pass_over_what_says_nothing(workspace: Workspace) -> None:
    mine = [
        Interaction("a", "click", None, 1.0),
        Interaction("b", "impression", None, 2.0),
        Interaction("gone", "like", None, 3.0),
        Interaction("007", "rating", 5.0, 4.0),
        Interaction("a", "search", None, 9.0),
    ]
    rows = IdMap(ITEMS).rows([one.item_id for one in mine])
    histories = histories_of([mine, []], [rows, rows[:0]], workspace.config)
    assert histories.offsets.tolist() == [0, 2, 2]
    assert histories.items.tolist() == [0, 2]
    assert histories.times.tolist() == [1.0, 4.0]
    config = workspace.config.events
    assert histories.weights.tolist() == pytest.approx(
        [event_weight("click", None, config), event_weight("rating", 5.0, config)]
    )
    assert histories.now.tolist() == [9.0, 0.0]
