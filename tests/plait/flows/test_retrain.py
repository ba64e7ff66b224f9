"""When models are learnt anew: a table of reasons, and what follows from how a training ends."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plait import snapshot
from plait.child_training import ChildTraining, Outcome
from plait.config import FILE
from plait.errors import BadData
from plait.flows import retrain
from plait.flows.retrain import LastTraining, Retraining, learnt_last
from plait.live import Live
from plait.records import Event
from plait.workspace import Workspace
from ranker.drift import alarm
from tests.plait import toy
from tests.plait.flows.keeping import publish_again

LATER = toy.START + 1_000_000.0
EASY = [37 * place % 100 / 100 for place in range(100)]
HARD = [1.0] * 100
FOUND = [*EASY, *HARD]


class Child(ChildTraining):
    """Stands for a process: it runs until told how it ended."""

    ended: Outcome | None = None

    def __init__(self, workspace: Path, arguments: Sequence[str], *, seconds: float, memory: int) -> None:
        self.arguments, self.seconds, self.memory = list(arguments), seconds, memory

    def outcome(self, *, wait: bool = False) -> Outcome | None:
        return self.ended

    def stop(self, reason: str = "stopped") -> None:
        self.ended = Outcome(problem=reason)


def opened(own: Path, **settings: object) -> Live:
    lines = "".join(f"{name} = {value!r}\n" for name, value in settings.items())
    text = (own / FILE).read_text(encoding="utf-8").replace("[schedule]", f"[schedule]\n{lines}", 1)
    (own / FILE).write_text(text, encoding="utf-8")
    return Live(Workspace.open(own))


def liked(live: Live, count: int) -> None:
    live.workspace.store.record([Event(f"user-{n}", "space-3", LATER + n, "like") for n in range(count)])


@pytest.fixture
def watched(own: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a workspace in which trainings are stood for."""
    monkeypatch.setattr(retrain, "ChildTraining", Child)
    return own


@pytest.mark.parametrize(
    ("settings", "events", "ranks", "reason"),
    [
        ({}, 0, [], ""),
        ({"after_events": 15}, 14, [], ""),
        ({"after_events": 15}, 15, [], "volume"),
        # A fifth of the 60 learnt from are 12.
        ({"after_events": 1}, 11, [], ""),
        ({"after_events": 1}, 12, [], "volume"),
        ({"after_events": 10, "retrain": "drift"}, 12, [], ""),
        ({"after_events": 10, "retrain": "never"}, 12, FOUND, ""),
        ({}, 1, EASY, ""),
        ({}, 1, FOUND, "drift"),
        ({"retrain": "drift"}, 1, FOUND, "drift"),
        ({"retrain": "volume"}, 1, FOUND, ""),
        ({"false_alarms": 1e-90}, 1, FOUND, ""),
    ],
)
def test_reasons(
    watched: Path, monkeypatch: pytest.MonkeyPatch, settings: Mapping[str, Any], events: int, ranks: list[float],
    reason: str,
) -> None:  # fmt: skip
    live = opened(watched, **settings)
    liked(live, events)
    monkeypatch.setattr(Retraining, "_ranks_since", lambda self, learnt: ranks)
    assert Retraining(live).reason().partition(":")[0] == reason


def test_ranks_at_birth_come_first(watched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live = opened(watched)
    liked(live, 1)
    learnt = learnt_last(live.workspace)
    monkeypatch.setattr(Retraining, "_ranks_since", lambda self, learnt: HARD)
    assert Retraining(live).reason() == ""
    monkeypatch.setattr(
        retrain, "learnt_last", lambda workspace: LastTraining(learnt.number, learnt.sequence, 60, tuple(EASY))
    )
    assert Retraining(live).reason().startswith("drift: what is liked ranks lower, seen after ")


def test_what_came_at_birth_is_no_reason(watched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranks at birth that grow by themselves say nothing of what came since, however long that goes on."""
    live = opened(watched)
    liked(live, 1)
    rng = np.random.default_rng(2)
    birth, same = (*EASY, *HARD), [float(rank) for rank in rng.permutation([*EASY, *HARD] * 3)]
    last = LastTraining(1, learnt_last(live.workspace).sequence, 60, birth)
    assert alarm(birth, false_alarms=0.01, seed=last.sequence) is not None
    monkeypatch.setattr(retrain, "learnt_last", lambda workspace: last)
    duty, ranks = Retraining(live), list[float]()
    monkeypatch.setattr(Retraining, "_ranks_since", lambda self, learnt: ranks)
    for rank in same[::60]:
        assert duty.reason() == ""
        ranks.append(rank)
    ranks += same
    assert duty.reason() == ""
    # A change after it is found all the same, and told by how many likings there were since the training.
    ranks[:] = [1.5] * 100
    assert 1 < int(re.findall(r"seen after (\d+) likings", duty.reason())[0]) < 100


def test_unchanged_tastes_lead_to_a_training_as_rarely_as_is_said() -> None:
    rng, found = np.random.default_rng(7), 0
    for seed in range(300):
        ranks = rng.random(350).tolist()
        found += alarm(ranks[50:], before=ranks[:50], false_alarms=0.1, seed=seed) is not None
    # 30 are expected at most, and 2.5 standard errors more.
    assert found <= 43


def test_what_a_training_is_called_with_and_how_it_ends(watched: Path) -> None:
    live = opened(watched, after_events=10, after_share=0.0, budget="90s", memory=123)
    liked(live, 12)
    duty = Retraining(live, seed=4)
    assert list(duty.turn()) == [
        "training begins: volume: 12 events since the last training, which had 60",
    ]
    child = duty.child
    assert isinstance(child, Child)
    assert child.arguments[:5] == ["--budget", "90s", "--seed", "4", "--judged"]
    assert (child.seconds, child.memory) == (90.0, 123)
    # While it runs there is no other.
    assert list(duty.turn()) == []
    assert duty.child is child
    child.ended = Outcome({"answers": True, "model": 2, "from": 1, "events": 72})
    assert list(duty.turn()) == ["model 2 answers, learnt from 72 events"]
    assert duty.child is None


def test_a_worse_model_is_said(watched: Path) -> None:
    live = opened(watched, after_events=10, after_share=0.0)
    liked(live, 12)
    duty = Retraining(live)
    list(duty.turn())
    assert isinstance(duty.child, Child)
    duty.child.ended = Outcome({"answers": False, "model": 2, "from": 1, "events": 72})
    assert list(duty.finish()) == ["model 2 does not answer: in its trial it was worse than model 1"]


def test_after_a_failure_it_rests(watched: Path) -> None:
    live = opened(watched, after_events=10, after_share=0.0)
    liked(live, 12)
    duty = Retraining(live)
    list(duty.turn())
    assert isinstance(duty.child, Child)
    duty.child.ended = Outcome(problem="out of memory")
    with pytest.raises(BadData, match="the training failed: out of memory; the next is 60 minutes away"):
        list(duty.turn())
    assert list(duty.turn()) == []
    duty._rests_until -= retrain.REST
    assert len(list(duty.turn())) == 1


@pytest.mark.parametrize(("hour", "begins"), [(2, True), (12, False)])
def test_only_within_the_hours(watched: Path, hour: int, begins: bool) -> None:
    live = opened(watched, after_events=10, after_share=0.0, hours=[1, 5])
    liked(live, 12)
    assert (len(list(Retraining(live, hour=lambda: hour).turn())) == 1) == begins


def test_what_was_learnt_last_is_told_by_models_that_do_not_answer_too(own: Path) -> None:
    workspace = Workspace.open(own)
    first = learnt_last(workspace)
    assert (first.number, first.events, first.ranks) == (1, 60, ())
    found = snapshot.current(workspace.models_folder)
    assert found is not None
    details = {**found.details, "events": 99, "ranks_at_birth": [0.5]}
    snapshot.publish(
        workspace.models_folder, lambda folder: None, sequence=found.sequence + 7, encoders=found.encoders,
        details=details, answers=False,
    )  # fmt: skip
    assert learnt_last(workspace) == LastTraining(1, found.sequence + 7, 99, ())
    snapshot.point(workspace.models_folder, 2)
    assert learnt_last(workspace) == LastTraining(2, found.sequence + 7, 99, (0.5,))
    (own / "models" / "000002" / "manifest.json").write_text("{}", encoding="utf-8")
    assert learnt_last(workspace).sequence == found.sequence


def test_measuring_begins_anew_with_other_models(own: Path) -> None:
    live = Live(Workspace.open(own))
    liked(live, 12)
    duty = Retraining(live)
    assert duty.reason() == ""
    first = duty._ranks
    assert duty.reason() == ""
    assert duty._ranks is first
    publish_again(own)
    assert duty.reason() == ""
    assert duty._ranks is not first


def test_before_the_first_training_volume_alone_counts(built_once: Path, tmp_path: Path) -> None:
    workspace = Workspace.open(built_once)
    assert learnt_last(workspace) == LastTraining(None, 0, 0)
    assert Retraining(Live(workspace)).reason() == ""
