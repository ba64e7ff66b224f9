"""Tending: duties in their order, one process at a time, and no failure keeps another duty from being done."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from plait.errors import BadData
from plait.flows import tend as tending
from plait.flows.learner import Learner, Round
from plait.flows.retrain import Retraining
from plait.flows.tend import TENDER, Said, tend
from plait.live import Live
from plait.store import Lease, Store
from plait.workspace import Workspace


@pytest.fixture
def live(own: Path) -> Live:
    return Live(Workspace.open(own))


def test_nothing_to_do_says_nothing(live: Live) -> None:
    said: list[Said] = []
    assert tend(live, said.append, once=True)
    assert said == []


def test_a_duty_that_fails_keeps_no_other_from_being_done(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> bool:
        raise BadData("the disk\nis full")

    def says(self: Retraining) -> Iterator[str]:
        yield "training begins"

    monkeypatch.setattr(tending, "compact_if_due", fails)
    monkeypatch.setattr(Retraining, "turn", says)
    said: list[Said] = []
    assert not tend(live, said.append, once=True)
    assert said == [Said("compact", "the disk is full", failed=True), Said("retrain", "training begins")]


def test_one_process_at_a_time(live: Live, own: Path) -> None:
    with Workspace.open(own).store.lease(TENDER), pytest.raises(BadData, match="is tended by another process"):
        tend(live, lambda _: None, once=True)
    # The lease was given back.
    assert tend(live, lambda _: None, once=True)


def test_it_goes_on_until_it_is_stopped_and_ends_what_it_began(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    turns, ended, stop = [], [], threading.Event()

    def compact(*_: object, **__: object) -> bool:
        turns.append(1)
        if len(turns) == 3:
            stop.set()
        return True

    monkeypatch.setattr(tending, "compact_if_due", compact)
    monkeypatch.setattr(Retraining, "end", lambda self: ended.append(1))
    said: list[Said] = []
    assert tend(live, said.append, every=0.001, stop=stop)
    assert (len(turns), len(ended)) == (3, 1)
    assert said == [Said("compact", "index compacted: index 1, model 1")] * 3


def test_a_lease_that_was_lost_ends_it(live: Live, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(*_: object, **__: object) -> bool:
        from sqlalchemy import text

        with live.workspace.store._database.writing() as connection:
            connection.execute(text("UPDATE leases SET token = token + 1, owner = 'another' WHERE name = 'tender'"))
        return False

    monkeypatch.setattr(tending, "compact_if_due", lose)
    with pytest.raises(BadData, match="'tender' was lost"):
        tend(live, lambda _: None, every=0.001)


def test_a_store_that_refuses_for_a_while_ends_nothing(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    fence, asked, stop = Store.fence, count(1), threading.Event()
    looked: list[int] = []

    @contextmanager
    def refused_once(self: Store, lease: Lease) -> Iterator[None]:
        if lease.name == TENDER and next(asked) == 2:
            raise BadData("another process has been writing for 60 seconds;\ntry again when it is done")
        with fence(self, lease):
            yield

    def compact(*_: object, **__: object) -> bool:
        looked.append(1)
        if len(looked) == 2:
            stop.set()
        return False

    monkeypatch.setattr(Store, "fence", refused_once)
    monkeypatch.setattr(tending, "compact_if_due", compact)
    said: list[Said] = []
    assert not tend(live, said.append, every=0.001, stop=stop)
    line = "another process has been writing for 60 seconds; try again when it is done"
    assert said == [Said(TENDER, line, failed=True)]
    assert next(asked) == 4


def learns_without_end(monkeypatch: pytest.MonkeyPatch, *, stop: threading.Event, until: int) -> list[int]:
    """Let there always be something to learn; set `stop` in the round `until`. Return the rounds as they are done."""
    done: list[int] = []

    def learn(self: Learner) -> Round:
        done.append(1)
        if len(done) == until:
            stop.set()
        return Round(256, 256, 0, {}, None, False, False, len(done))

    monkeypatch.setattr(Learner, "round", learn)
    return done


def test_learning_leaves_the_other_duties_their_turn(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, turns = threading.Event(), list[int]()
    monkeypatch.setattr(tending, "ROUNDS", 5)
    # Where nothing bounds a turn it ends here, so that the test does.
    done = learns_without_end(monkeypatch, stop=stop, until=50)

    def compact(*_: object, **__: object) -> bool:
        turns.append(len(done))
        if len(turns) == 3:
            stop.set()
        return False

    monkeypatch.setattr(tending, "compact_if_due", compact)
    assert tend(live, lambda _: None, every=0.001, stop=stop)
    assert turns == [5, 10, 15]


@pytest.mark.parametrize("once", [False, True])
def test_learning_ends_when_it_is_to_stop(live: Live, once: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tending, "ROUNDS", 5)
    stop = threading.Event()
    until = 8 if once else 3
    done = learns_without_end(monkeypatch, stop=stop, until=until)
    learn, further = Learner.round, until + 20

    def ends(self: Learner) -> Round | None:
        return learn(self) if len(done) < further else None

    monkeypatch.setattr(Learner, "round", ends)
    assert tend(live, lambda _: None, once=once, every=0.001, stop=stop)
    assert len(done) == until
