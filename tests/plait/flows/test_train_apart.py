"""What a training has not to do with: what was learnt online, and what is recorded while it runs."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plait import snapshot
from plait.flows import train as training
from plait.flows.trial import hold_back, try_out
from plait.history import Log, read_log
from plait.live import Live
from plait.records import Event
from plait.workspace import Workspace
from tests.copying import copied
from tests.plait import toy
from tests.plait.flows.streams import FAMILIES, record, rounds


def test_the_present_models_are_judged_without_what_they_learnt_online(own: Path) -> None:
    toml = own / "plait.toml"
    # All is learnt, and so fast that a few rounds change what is ranked first.
    settings = "[learning]\nbias_rate = 2.0\nguard = false\nper_item = 1.0\n#"
    toml.write_text(toml.read_text(encoding="utf-8").replace("[learning]", settings, 1), encoding="utf-8")
    live = Live(Workspace.open(own))
    after = live.workspace.store.sequence()
    # Nobody's taste says that all of them end with one of two things.
    ends = ["gardening-0", "gardening-1"]
    liked = [[f"{FAMILIES[turn % 3]}-{turn % 6}", ends[turn % 2]] for turn in range(120)]
    times = [toy.START + 1e6 + 1_000.0 * turn for turn in range(120)]
    record(
        own,
        [
            Event(f"new-{turn}", item, times[turn] + step, "like")
            for turn, items in enumerate(liked)
            for step, item in enumerate(items)
        ],
    )
    list(rounds(own))
    items, _, _ = training.training_items(live)
    held = hold_back(live.workspace, after=after, item_ids=items.item_ids, seed=0)

    def before(moment: Any) -> float:
        told = try_out(moment, held, moment.live.trained.ranker, items.item_ids, items.vectors, seed=0)
        return float(told["before"])

    learnt = before(live.refresh())
    copy = copied(own, own.parent / "without")
    shutil.rmtree(copy / "online")
    alone = before(Live(Workspace.open(copy)).refresh())
    assert learnt > alone + 0.1
    report = training.train(live, budget="20s", judged=True)
    assert report["judged"]["users"] >= 30
    assert report["judged"]["before"] == alone


def test_what_is_recorded_while_a_training_begins_is_learnt_after_it_alone(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = Live(Workspace.open(own))
    times = iter(np.arange(10.0))

    def late(*given: Any, **named: Any) -> Log:
        # One is new altogether, another the same as what is in the log already but for its name.
        at = next(times)
        events = [Event("late", "space-3", toy.START + 1e6 + at, "like")]
        events.append(Event("user-0", "cooking-0", float(toy.START), "like", event_id=f"again-{at}"))
        live.workspace.store.record(events)
        return read_log(*given, **named)

    monkeypatch.setattr(training, "read_log", late)
    report = training.train(live, budget="20s")
    found = snapshot.current(live.workspace.models_folder)
    assert found is not None
    assert report["events"] == 60
    waiting = live.workspace.store.stream_after(found.sequence, limit=99)
    assert {one.user_id for one in waiting} == {"late", "user-0"}
