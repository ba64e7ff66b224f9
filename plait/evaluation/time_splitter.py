"""The protocol global-time: what everybody did up to a moment is learnt from, what they like after it is wanted."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plait.errors import BadData
from plait.evaluation.entries import Cases, Entries, split_of
from plait.evaluation.splits import Split
from plait.history import Log

SHARES = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Of all events in the order of time, how many lie before each cut."""


def global_time(log: Log, salt: int) -> list[Split]:
    """Return one split for each of five rolling cuts in time, named "cut 1" to "cut 5".

    A cut is the time of the event behind a share of SHARES of all events. What happened before it is learnt from, by
    all users alike. Judged is who has an event before the cut and, in the window from this cut up to the next one
    (after the last cut: to the end), a positive event of an item that is new to them; all such items are their
    targets. The salt orders ties only. A cut at which nobody can be judged has no split, and cuts that fall on one
    moment are one. Raises BadData for a log without times, and where nobody can be judged at any cut.
    """
    if not len(log.times) or log.times.min() == log.times.max():
        shown = f"{log.times[0]:g}" if len(log.times) else "none"
        raise BadData(f"global-time needs times; the {len(log.times)} events of this log have one time, {shown}")
    entries = Entries.of(log, salt)
    found = [_split(entries, start, stop, number) for number, start, stop in windows(log.times)]
    parts = [split for split in found if split is not None]
    if not parts:
        raise BadData("global-time: nobody with events before a cut likes anything new after it; nothing can be judged")
    return parts


def windows(times: NDArray[np.float64]) -> list[tuple[int, float, float]]:
    """Return number, begin and end of each window; an end is not in it."""
    ordered = np.sort(times)
    bounds = np.unique(ordered[[int(share * len(ordered)) for share in SHARES]])
    cuts: list[float] = bounds[bounds > ordered[0]].tolist() or [float(ordered[-1])]
    return [(number, *window) for number, window in enumerate(pairwise([*cuts, np.inf]), start=1)]


def _split(entries: Entries, start: float, stop: float, number: int) -> Split | None:
    before = entries.times < start
    window = (entries.times >= start) & (entries.times < stop)
    known = np.bincount(entries.users[before], minlength=len(entries.log.user_ids)) > 0
    wanted = entries.new(window & entries.positive & known[entries.users], before)
    users = np.unique(entries.users[wanted])
    if not len(users):
        return None
    part = f"cut {number}"
    return split_of("global-time", entries, before, {part: Cases(users, before, wanted)}, nobody="", part=part)
