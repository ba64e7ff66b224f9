"""The protocols by name."""

from collections.abc import Callable, Mapping, Sequence

from plait.evaluation.cold_splitters import cold_items, cold_users
from plait.evaluation.splits import Split
from plait.evaluation.splitters import last_liked, leave_last_out, random_per_user
from plait.evaluation.time_splitter import global_time
from plait.history import Log

Splitter = Callable[[Log, int], Sequence[Split]]
"""Parts a log by a salt; what is measured on several splits is pooled. Raises BadData where nobody can be judged."""

SPLITTERS: Mapping[str, Splitter] = {
    "last-liked": lambda log, salt: [last_liked(log, salt)],
    "leave-last-out": lambda log, salt: [leave_last_out(log, salt)],
    "random": lambda log, salt: [random_per_user(log, salt)],
    "global-time": global_time,
    "cold-items": lambda log, salt: [cold_items(log, salt)],
    "cold-users": lambda log, salt: [cold_users(log, salt)],
}
"""Protocols that part a log."""


def splitter(name: str) -> Splitter:
    """Return the splitter of a protocol. Raises ValueError that lists the known ones."""
    if name not in SPLITTERS:
        raise ValueError(f"protocol {name!r} parts no log; expected one of {', '.join(SPLITTERS)}")
    return SPLITTERS[name]
