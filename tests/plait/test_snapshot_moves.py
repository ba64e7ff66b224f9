"""Moves of CURRENT: taken back one by one, whatever came between, and after a writer was killed in any of them."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait import snapshot
from plait.snapshot_moves import HISTORY, Moves, moves_of


class Killed(BaseException):
    """Stands for SIGKILL."""


def publish(folder: Path, *, keep: int = 99) -> int:
    def write(path: Path) -> None:
        (path / "f").touch()

    return snapshot.publish(folder, write, sequence=1, encoders={}, details={}, keep=keep).number


def past(folder: Path) -> Moves:
    return moves_of(folder, snapshot.current_number(folder), snapshot.numbers(folder))


def back(folder: Path) -> int | None:
    before = past(folder).before
    if not before:
        return None
    snapshot.point(folder, before[-1], before=before[:-1])
    return before[-1]


STEPS = st.lists(st.one_of(st.just("publish"), st.just("back"), st.integers(0, 6)), max_size=12)


@settings(deadline=None, max_examples=40)
@given(STEPS)
def test_any_moves_are_those_of_a_stack(steps: list[str | int]) -> None:
    stack: list[int] = []
    made = 0
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as quick:
        quick.setattr(os, "fsync", lambda _: None)
        folder = Path(name) / "models"
        for step in steps:
            if step == "publish":
                made += 1
                assert publish(folder) == made
                stack.append(made)
            elif step == "back":
                if len(stack) > 1:
                    stack.pop()
                    # A number that stands in the past twice is gone back to once for each time.
                    assert back(folder) == stack[-1]
                else:
                    assert back(folder) is None
            elif made:
                number = int(step) % made + 1
                if number != stack[-1]:
                    snapshot.point(folder, number, promoted=True)
                    stack = [one for one in stack if one != number] + [number]
            assert snapshot.current_number(folder) == (stack[-1] if stack else None)
            assert past(folder).before == tuple(stack[:-1])


@pytest.mark.parametrize("move", ["publish", "promote", "rollback"])
def test_killed_before_current_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, move: str) -> None:
    folder = tmp_path / "models"
    for _ in range(3):
        publish(folder)
    snapshot.point(folder, 1)
    before = past(folder)
    assert before == Moves((2, 3), ())

    def stop(path: Path, text: str) -> None:
        raise Killed

    moves: dict[str, Callable[[], object]] = {
        "publish": lambda: publish(folder),
        "promote": lambda: snapshot.point(folder, 2, promoted=True),
        "rollback": lambda: back(folder),
    }
    with monkeypatch.context() as stopping:
        # HISTORY is written by snapshot_moves, CURRENT by snapshot.
        stopping.setattr(snapshot, "replace_text", stop)
        with pytest.raises(Killed):
            moves[move]()
    assert snapshot.current_number(folder) == 1
    assert past(folder).before == before.before
    assert [back(folder), back(folder), back(folder)] == [3, 2, None]


def test_of_a_folder_without_history_lower_numbers_came_before(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    for _ in range(3):
        publish(folder)
    (folder / HISTORY).unlink()
    assert past(folder) == Moves((1, 2), ())


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"before": 3}', b"\xff"])
def test_a_broken_history_is_none(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "models"
    for _ in range(2):
        publish(folder)
    (folder / HISTORY).write_bytes(content)
    assert past(folder) == Moves((1,), ())
    publish(folder)
    assert past(folder) == Moves((1, 2), ())


def test_what_was_promoted_is_not_retired(tmp_path: Path) -> None:
    folder = tmp_path / "models"

    for _ in range(2):
        publish(folder, keep=1)
    snapshot.point(folder, 1, promoted=True)
    for _ in range(5):
        publish(folder, keep=1)
    assert snapshot.numbers(folder) == [1, 5, 6, 7]
    assert past(folder) == Moves((1, 5, 6), (1,))
