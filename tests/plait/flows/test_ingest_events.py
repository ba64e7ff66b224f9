"""Events as they come: late, out of order, from clocks that are wrong, and for slates they do not answer."""

import gc
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plait.counts import EventTally
from plait.errors import BadData
from plait.flows.exposures import feedback
from plait.recommender import Recommender
from plait.workspace import Workspace
from tests.copying import copied
from tests.plait import toy

Row = dict[str, Any]
SEED = toy.items()
DRAWN = st.lists(
    st.tuples(st.sampled_from(["new", "user-0"]), st.sampled_from(SEED), st.sampled_from(["like", "view", "skip"])),
    min_size=2, max_size=10,
)  # fmt: skip


def answers(recommender: Recommender) -> list[list[tuple[str, float]]]:
    rankings = recommender.recommend(["new", "user-0", "user-1"], limit=12)
    return [[(item.item_id, round(item.score, 5)) for item in ranking.items] for ranking in rankings]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DRAWN, st.randoms(use_true_random=False), st.integers(1, 4))
def test_late_events_lead_to_the_answers_of_events_in_order(
    trained: Path, tmp_path_factory: pytest.TempPathFactory, drawn: list[Any], random: Any, size: int
) -> None:
    rows = [
        {"user_id": user, "item_id": item["item_id"], "event": event, "timestamp": str(toy.START + 10**7 + place)}
        for place, (user, item, event) in enumerate(drawn)
    ]
    folder = tmp_path_factory.mktemp("order")
    ordered, late = (Recommender.open(copied(trained, folder / name)) for name in ("ordered", "late"))
    ordered.record(rows)
    shuffled = random.sample(rows, len(rows))
    for start in range(0, len(rows), size):
        late.record(shuffled[start : start + size])
        # Asked between: what a process holds by then must not outlast what comes late.
        answers(late)
        late.similar(rows[0]["item_id"], kind="next")
    assert answers(late) == answers(ordered)
    told = [late.similar(row["item_id"], kind="next").items for row in rows]
    assert told == [ordered.similar(row["item_id"], kind="next").items for row in rows]
    assert late.profile("new") == ordered.profile("new")


def test_an_event_too_far_in_the_future_is_a_bad_row(own: Path) -> None:
    recommender, now = Recommender.open(own), time.time()
    row: Row = {"user_id": "u", "item_id": "space-1", "event": "like"}
    near, far = row | {"timestamp": now + 200}, row | {"timestamp": now + 900}
    assert recommender.record([near]) == EventTally(1)
    with pytest.raises(BadData, match=r"row 2, column timestamp: .* is in the future; expected \d+ \(Unix seconds\)"):
        recommender.record([row | {"timestamp": now}, far])
    assert recommender.profile("u").events == 1
    tally = recommender.record([far, row | {"timestamp": now}], on_error="skip")
    assert (tally.accepted, tally.rejected, len(tally.notes)) == (1, 1, 1)
    assert "row 1, column timestamp" in tally.notes[0]


def test_how_far_is_a_setting(own: Path) -> None:
    settings_file = own / "plait.toml"
    settings_file.write_text(settings_file.read_text() + "\n", encoding="utf-8")
    settings_file.write_text(
        settings_file.read_text().replace("[events]\n", "[events]\nfuture_seconds = 3600\n"), encoding="utf-8"
    )
    row = {"user_id": "u", "item_id": "space-1", "timestamp": time.time() + 900}
    assert Recommender.open(own).record([row]) == EventTally(1)


def test_events_that_answer_no_slate_are_recorded_and_said_and_credit_nothing(own: Path) -> None:
    recommender = Recommender.open(own)
    first, second = recommender.recommend(["user-0", "user-1"], limit=3, log_exposure=True)
    outside = next(row["item_id"] for row in SEED if row["item_id"] not in {item.item_id for item in first.items})
    like = {"user_id": "user-0", "event": "like", "recommendation_id": first.recommendation_id}
    tally = recommender.record(
        [
            like | {"item_id": first.items[0].item_id},
            like | {"item_id": outside},
            like | {"item_id": first.items[1].item_id, "recommendation_id": "never"},
            like | {"item_id": second.items[0].item_id, "recommendation_id": second.recommendation_id},
            {"user_id": "user-0", "event": "search", "query": "q", "recommendation_id": first.recommendation_id},
        ]
    )
    assert tally.accepted == 5
    assert [note.partition(";")[0] for note in tally.notes] == [
        "1 events with a recommendation_id that was not shown",
        "1 events with a recommendation_id that was shown to another user",
        "1 events of an item that was not in the slate they name",
    ]
    found = feedback(Workspace.open(own))
    assert np.flatnonzero(found.clicked).tolist() == [0]
    assert np.flatnonzero(found.rewards).tolist() == [0]
    assert found.rewards[0] == 1.0


def test_a_batch_costs_a_bounded_number_of_calls_an_event(own: Path) -> None:
    """Calls stand for time, which a test must not measure."""
    recommender, now, calls = Recommender.open(own), time.time(), Counter[str]()

    def batch(name: str) -> list[Row]:
        row: Row = {"user_id": "u", "item_id": "space-1", "event": "like", "timestamp": now, "session_id": "s"}
        return [row | {"event_id": f"{name}-{number}"} for number in range(100)]

    recommender.record(batch("loads what later ones find loaded"))
    # What other tests have dropped is not counted.
    gc.collect()
    sys.setprofile(lambda _frame, kind, _what: calls.update([kind]))
    try:
        recommender.record(batch("counted"))
    finally:
        sys.setprofile(None)
    assert calls["call"] + calls["c_call"] < 110 * 100
