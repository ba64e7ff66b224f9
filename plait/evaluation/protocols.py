"""The protocols by name."""

from collections.abc import Callable, Mapping

from plait.evaluation.splits import Split
from plait.evaluation.splitters import last_liked, leave_last_out, random_per_user
from plait.history import Log

Splitter = Callable[[Log, int], Split]
"""Parts a log by a salt."""

SPLITTERS: Mapping[str, Splitter] = {
    "last-liked": last_liked,
    "leave-last-out": leave_last_out,
    "random": random_per_user,
}
"""Protocols that part a log."""

CROSS_MODAL = "cross-modal"
"""The protocol that needs a catalogue and no log; see plait.evaluation.cross_modal."""

PROTOCOLS = (*SPLITTERS, CROSS_MODAL)


def splitter(name: str) -> Splitter:
    """Return the splitter of a protocol. Raises ValueError that lists the known ones."""
    if name not in SPLITTERS:
        raise ValueError(f"protocol {name!r} parts no log; expected one of {', '.join(SPLITTERS)}")
    return SPLITTERS[name]
