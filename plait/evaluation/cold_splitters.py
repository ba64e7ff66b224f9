"""The protocols cold-items and cold-users: what nobody met, and whom nobody knows."""

import numpy as np

from index.vector_index import Rows
from plait.errors import BadData
from plait.evaluation.entries import Cases, Entries, split_of
from plait.evaluation.salted import salted
from plait.evaluation.splits import Split
from plait.history import Log

SHARE = 0.2
"""Of the items, or the users, that have events, how many are hidden."""

KNOWN = (0, 1, 2, 5, 10, 20)
"""How many events of a hidden user are known."""


def cold_items(log: Log, salt: int) -> Split:
    """Return the split in which the SHARE of the items with the smallest salted hashes has lost all its events.

    Only items with events are drawn, so that a share of what is left can be hidden again inside. The rest of the
    log is learnt from and makes the histories, also what is later than a target. Judged is who has such a history
    and likes a hidden item; all those are the targets, and only the hidden items are ranked. Raises BadData where
    nobody can be judged.
    """
    entries = Entries.of(log, salt)
    pool = _drawn(list(log.item_ids), log.items, salt, "item")
    hidden = np.isin(entries.items, pool)
    known = np.bincount(entries.users[~hidden], minlength=len(log.user_ids)) > 0
    wanted = entries.new(hidden & entries.positive & known[entries.users], ~hidden)
    cases = {"": Cases(np.unique(entries.users[wanted]), ~hidden, wanted)}
    return split_of(
        "cold-items", entries, ~hidden, cases, nobody=f"nobody likes any of {len(pool)} hidden items", pool=pool
    )


def cold_users(log: Log, salt: int) -> Split:
    """Return the split in which the SHARE of the users with the smallest salted hashes is not learnt from.

    Of each of them 0, 1, 2, 5, 10 and 20 events are known, the earliest: six cases, in the groups "known 0" to
    "known 20". The targets of all six are the same, the items first met and liked after the twentieth event, and so
    are the items that are ranked: those of the first twenty events are left out whether they are known or not. What
    differs from group to group is thus what is known, and nothing else. Users without such a target are hidden and
    not judged. Raises BadData where nobody can be judged.
    """
    entries = Entries.of(log, salt)
    drawn = _drawn(list(log.user_ids), log.users, salt, "user")
    hidden = np.isin(entries.users, drawn)
    early = entries.places < max(KNOWN)
    wanted = entries.new(hidden & entries.positive & ~early, early)
    users = np.unique(entries.users[wanted])
    cases = {f"known {count}": Cases(users, entries.places < count, wanted, seen=early) for count in KNOWN}
    nobody = f"none of {len(drawn)} hidden users likes anything new after the first {max(KNOWN)} events"
    return split_of("cold-users", entries, ~hidden, cases, nobody=nobody)


def _drawn(ids: list[str], rows: Rows, salt: int, kind: str) -> Rows:
    """Return ascending rows, the SHARE of those that have events, by a salted hash of the id."""
    present = np.unique(rows)
    if len(present) < 2:
        raise BadData(f"cold-{kind}s: the log has {len(present)} {kind}s; some must be hidden and some left")
    hashes = salted(salt, [f"cold {kind}\x1f{ids[row]}" for row in present.tolist()])
    return np.sort(present[np.argsort(hashes)[: max(1, round(SHARE * len(present)))]])
