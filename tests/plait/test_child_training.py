"""A training in a process of its own: its report, its end by memory, by hand, by its own fault."""

import os
from pathlib import Path

import pytest

from plait.child_training import NICE, ChildTraining, resident

pytestmark = pytest.mark.system
PLENTY = 1 << 40


def test_it_is_the_least_of_all_and_reports(own: Path) -> None:
    # The least of all processes may wait long for a busy machine.
    child = ChildTraining(own, ["--budget", "20s", "--why", "a test"], seconds=300, memory=PLENTY)
    assert os.getpriority(os.PRIO_PROCESS, child.process_id) == NICE
    outcome = child.outcome(wait=True)
    assert outcome is not None
    assert (outcome.problem, outcome.report["model"], outcome.report["why"]) == ("", 2, "a test")
    assert child.peak > 50_000_000
    assert resident(child.process_id) == 0


def test_it_is_stopped_at_its_memory(own: Path) -> None:
    child = ChildTraining(own, ["--budget", "20s"], seconds=20, memory=60_000_000)
    outcome = child.outcome(wait=True)
    assert outcome is not None
    assert "[schedule] memory is 60,000,000" in outcome.problem
    assert not outcome.report


def test_it_is_stopped_by_hand(own: Path) -> None:
    child = ChildTraining(own, ["--budget", "20s"], seconds=20, memory=PLENTY)
    assert child.outcome() is None
    child.stop("enough")
    outcome = child.outcome()
    assert outcome is not None
    assert outcome.problem == "enough"


def test_what_it_complains_of_is_told(tmp_path: Path) -> None:
    outcome = ChildTraining(tmp_path, [], seconds=1, memory=PLENTY).outcome(wait=True)
    assert outcome is not None
    assert "is not a workspace" in outcome.problem
    assert "ended with 2" in outcome.problem


def test_what_this_process_holds() -> None:
    assert resident(os.getpid()) > 10_000_000
