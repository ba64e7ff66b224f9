"""Tending: duties in their order, one process at a time, and no failure keeps another duty from being done."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from plait.errors import BadData
from plait.flows import tend as tending
from plait.flows.retrain import Retraining
from plait.flows.tend import TENDER, Said, tend
from plait.live import Live
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
