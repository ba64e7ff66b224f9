"""Stages: who listens hears each once, nobody else does, and none lies within another."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from plait import Recommender
from plait.stages import FOLLOW, STAGES, Lap, listeners_here, listening, stage


def test_a_stage_is_told_to_who_listens() -> None:
    heard: list[Lap] = []
    with stage("score"):
        pass
    with listening(heard.append), stage("rank"):
        pass
    with stage("score"):
        pass
    assert [lap.stage for lap in heard] == ["rank"]
    assert heard[0].seconds >= 0


def test_one_that_fails_is_told_too() -> None:
    heard: list[Lap] = []

    @stage("encode")
    def fails() -> None:
        raise ValueError("no")

    with listening(heard.append), pytest.raises(ValueError, match="no"):
        fails()
    assert [lap.stage for lap in heard] == ["encode"]


def test_another_thread_hears_only_what_it_is_handed() -> None:
    heard: list[Lap] = []

    def work(*listeners: Callable[[Lap], None]) -> None:
        with listening(*listeners), stage("score"):
            pass

    with listening(heard.append):
        for handed in ((), listeners_here()):
            thread = threading.Thread(target=work, args=handed)
            thread.start()
            thread.join()
    assert len(heard) == 1


def test_stages_of_answers_are_known_and_do_not_overlap(own: Path) -> None:
    recommender, laps = Recommender.open(own), list[Lap]()
    with listening(laps.append):
        recommender.search(like=["space-1"])
        recommender.recommend("anna", diversity=0.5, max_per={"categories": 2}, log_exposure=True)
        recommender.record([{"user_id": "anna", "item_id": "space-1"}])
        recommender.recommend("anna", language="en")
    heard = {lap.stage for lap in laps}
    assert heard <= set(STAGES)
    assert heard >= {FOLLOW, "history", "profile", "search", "score", "rules", "rank", "reasons", "record"}
    # The clock of beginnings may be moved: stages are told as they end, so that one within another comes before it.
    ends = [lap.began + lap.seconds * 1e9 for lap in laps]
    assert all(later.began >= end - 5e6 for end, later in zip(ends, laps[1:], strict=False))
