"""Steps: how far, and how long still, from what each model took."""

import pytest

from plait.evaluation.steps import Schedule, Step


def test_the_time_left_is_that_of_each_models_own_runs() -> None:
    schedule = Schedule({"slow": 3, "fast": 2})
    assert schedule.done("slow", 100.0, "a").seconds_left is None
    step = schedule.done("fast", 2.0, "b")
    assert (step.done, step.total, step.what) == (2, 5, "b")
    assert step.seconds_left == pytest.approx(2 * 100.0 + 2.0)
    assert schedule.done("slow", 50.0, "c").seconds_left == pytest.approx(75.0 + 2.0)
    schedule.done("slow", 1.0, "d")
    assert schedule.done("fast", 1.0, "e").seconds_left == 0.0


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        (None, "[1/4] x"),
        (12.4, "[1/4, 12 s left] x"),
        (600.0, "[1/4, 10 min left] x"),
        (9_000.0, "[1/4, 2.5 h left] x"),
    ],
)
def test_a_step_is_one_line(left: float | None, shown: str) -> None:
    assert str(Step(1, 4, "x", left)) == shown
    assert str(Step(4, 4, "x", left)) == "[4/4] x"
