"""Snapshot moves: which numbers CURRENT named before, so that a move can be taken back, and which were promoted.

HISTORY is written before CURRENT moves, by the number it will name and by the one it names: whichever of the two a
killed writer left in CURRENT finds its own past there.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plait.durable import replace_text

HISTORY = "HISTORY"


@dataclass(frozen=True, slots=True)
class Moves:
    """`before` are the numbers that were current before, oldest first; `promoted`, ascending, those chosen by hand."""

    before: tuple[int, ...] = ()
    promoted: tuple[int, ...] = ()


def moves_of(folder: Path, current: int | None, numbers: Sequence[int]) -> Moves:
    """Return the past of `current`, of the snapshots there are.

    Where nothing was noted, as for a folder that an earlier version wrote, what has a lower number came before.
    """
    noted, promoted = _read(folder)
    there = set(numbers)
    past = noted.get(str(current), [number for number in sorted(numbers) if current is not None and number < current])
    return Moves(
        tuple(number for number in past if number in there and number != current),
        tuple(number for number in promoted if number in there),
    )


def has_moved(folder: Path) -> bool:
    """Return whether CURRENT was ever moved from one number to another."""
    return (folder / HISTORY).exists()


def note_move(folder: Path, old: int | None, new: int, moves: Moves, *, before: Sequence[int], promoted: bool) -> None:
    """Note, durably, that CURRENT goes from `old`, whose past is `moves`, to `new`, whose past is `before`."""
    pinned = sorted({*moves.promoted, *([new] if promoted else [])})
    past = {str(new): list(before)} | ({} if old in (None, new) else {str(old): list(moves.before)})
    replace_text(folder / HISTORY, json.dumps({"before": past, "promoted": pinned}))


def _read(folder: Path) -> tuple[dict[str, list[int]], list[int]]:
    """Return what HISTORY says, nothing for none and for a broken one: it is of use and never needed."""
    try:
        said = json.loads((folder / HISTORY).read_text(encoding="utf-8"))
        noted = {str(number): [int(one) for one in past] for number, past in said["before"].items()}
        return noted, [int(number) for number in said["promoted"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}, []
