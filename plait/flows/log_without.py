"""Log without: a log as it would be had some of its events not been recorded."""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from plait.history import Log
from plait.records import Interaction


def log_without(log: Log, events: Iterable[tuple[str, Interaction]]) -> Log:
    """Return a log without as many events as are given, each of a user; of several alike the last ones go.

    What is given and not in the log changes nothing. Alike are events of one user, item and time.
    """
    given = Counter((user_id, event.item_id, event.timestamp) for user_id, event in events)
    theirs = log.user_ids.rows(sorted({user_id for user_id, _, _ in given}))
    mine = np.flatnonzero(np.isin(log.users, theirs))[::-1]
    names = zip(
        log.user_ids.ids(log.users[mine]), log.item_ids.ids(log.items[mine]), log.times[mine].tolist(), strict=True
    )
    out = []
    # Of equal times the one recorded last comes last in the log, and so first here.
    for row, name in zip(mine.tolist(), names, strict=True):
        if given[name] > 0:
            given[name] -= 1
            out.append(row)
    return log.take(np.setdiff1d(np.arange(len(log.users)), out)) if out else log
