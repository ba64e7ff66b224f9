"""Interleaved timing: every run in every round, each first equally often, and the time where it was spent."""

import time
from collections.abc import Callable

from scripts.interleaved import interleaved


def test_each_run_has_every_round_and_goes_first_in_turn() -> None:
    called: list[tuple[str, int]] = []

    def noting(name: str) -> Callable[[int], object]:
        return lambda turn: called.append((name, turn))

    times = interleaved({name: noting(name) for name in "abc"}, 6)
    assert {name: len(pairs) for name, pairs in times.items()} == {"a": 6, "b": 6, "c": 6}
    assert [name for name, _ in called[::3]] == ["a", "b", "c", "a", "b", "c"]
    assert sorted(called) == [(name, turn) for name in "abc" for turn in range(6)]


def test_waiting_is_time_on_the_wall_alone() -> None:
    ((thread, wall),) = interleaved({"waits": lambda _: time.sleep(0.05)}, 1)["waits"]
    assert wall >= 50
    assert thread < wall / 2
