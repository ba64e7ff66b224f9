"""Logs written by hand, and Hypothesis strategies of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from index import IdMap
from plait.evaluation.splits import Split
from plait.history import Log

Event = tuple[str, str, float, float]
"""user_id, item_id, timestamp, weight; a weight above 0 is a liking."""


def log_of(events: Iterable[Event], *, item_ids: Sequence[str] = (), user_ids: Sequence[str] = ()) -> Log:
    """Return the log; rows of ids are as given, or else in the order of first appearance."""
    rows = list(events)
    users = IdMap(user_ids or list(dict.fromkeys(event[0] for event in rows)))
    items = IdMap(item_ids or list(dict.fromkeys(event[1] for event in rows)))
    order = sorted(range(len(rows)), key=lambda place: rows[place][2])
    rows = [rows[place] for place in order]
    weights = np.asarray([event[3] for event in rows], dtype=np.float32)
    return Log(
        users, items, users.rows([event[0] for event in rows]), items.rows([event[1] for event in rows]),
        np.asarray([event[2] for event in rows], dtype=np.float64), weights, weights > 0,
        np.full(len(rows), np.nan, dtype=np.float32),
    )  # fmt: skip


def targets_of(split: Split) -> dict[str, str]:
    """Return the target's id by the user's, where every user has one."""
    return dict(zip(split.user_ids.ids(split.users), split.item_ids.ids(split.targets), strict=True))


def wanted_of(split: Split) -> list[tuple[str, list[str]]]:
    """Return the user's id and the ids of the targets, case by case."""
    items, offsets = split.item_ids.ids(split.targets), split.target_offsets.tolist()
    names = split.user_ids.ids(split.users)
    return [(name, items[offsets[case] : offsets[case + 1]]) for case, name in enumerate(names)]


def histories_of(split: Split) -> dict[str, list[str]]:
    """Return the ids of the history by the user's id."""
    items, offsets = split.item_ids.ids(split.histories.items), split.histories.offsets.tolist()
    names = split.user_ids.ids(split.users)
    return {name: items[offsets[place] : offsets[place + 1]] for place, name in enumerate(names)}


def learnt_by(split: Split) -> list[tuple[str, str]]:
    """Return user and item of each training interaction, in order."""
    users, items = split.user_ids.ids(split.train.users), split.item_ids.ids(split.train.items)
    return list(zip(users, items, strict=True))


USERS = [f"u{number}" for number in range(5)]
ITEMS = [f"i{number}" for number in range(8)]

events = st.lists(
    st.tuples(
        st.sampled_from(USERS), st.sampled_from(ITEMS), st.integers(0, 3).map(float),
        st.sampled_from([-1.0, 0.0, 0.5, 1.0]),
    ),
    min_size=1, max_size=60,
)  # fmt: skip
"""Events with many ties in time and many repetitions."""


def checkerboard(*, users: int = 24, items: int = 16, length: int = 6) -> Log:
    """Return a log in which even users like even items only and odd users odd ones, each `length` of them in turn."""
    rows: list[Event] = []
    for user in range(users):
        for step in range(length):
            item = (user + 2 * (user // 2 * 2 + step)) % items
            rows.append((f"user-{user}", f"item-{item}", 1_000.0 * step + user, 1.0))
    return log_of(rows, item_ids=[f"item-{item}" for item in range(items)])


def noisy(*, users: int = 20, items: int = 16, length: int = 9) -> Log:
    """Return a log of ratings 1 to 5 in which even users mostly like even items, many moments being tied."""
    rng = np.random.default_rng(2)
    rows: list[Event] = []
    for user in range(users):
        for step, item in enumerate(rng.permutation(items)[:length].tolist()):
            rating = rng.integers(3, 6) if (user + item) % 2 == 0 else rng.integers(1, 5)
            rows.append((f"user-{user}", f"item-{item}", 1_000.0 * (step // 2), (float(rating) - 3.0) / 2))
    log = log_of(rows, item_ids=[f"item-{item}" for item in range(items)])
    return replace(log, ratings=log.weights * 2 + 3)
