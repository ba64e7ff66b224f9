"""Events as the ranker reads them: interactions for training, histories for answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index import IdMap
from index.vector_index import Rows
from plait.config import Config, Events
from plait.event_weights import event_weight, is_positive
from plait.records import SEEN_EXEMPT, Interaction
from plait.store import EventColumns
from plait.workspace import Workspace
from ranker.interactions import Histories, Interactions

LARGEST_RATING = 1e6
"""What is further from 0 is a slip; squares of it must stay numbers."""


@dataclass(frozen=True, slots=True)
class Log:
    """n events as columns, in the order of their times, equal times as recorded.

    `users` and `items` are rows of `user_ids` and `item_ids`; `positive` says whether an event counts as liking;
    `ratings` are NaN for other events.
    """

    user_ids: IdMap
    item_ids: IdMap
    users: Rows
    items: Rows
    times: NDArray[np.float64]
    weights: NDArray[np.float32]
    positive: NDArray[np.bool_]
    ratings: NDArray[np.float32]

    def take(self, rows: Rows) -> "Log":
        """Return the events of `rows` alone, in that order, which is one of time; users and items keep their rows."""
        return Log(
            self.user_ids, self.item_ids, self.users[rows], self.items[rows], self.times[rows], self.weights[rows],
            self.positive[rows], self.ratings[rows],
        )  # fmt: skip

    def interactions(self) -> Interactions:
        """Return the log without what only judging needs."""
        return Interactions(self.users, self.items, self.times, self.weights, len(self.user_ids), len(self.item_ids))


def read_log(workspace: Workspace, item_ids: IdMap, *, left_out: Sequence[str] = ()) -> Log:
    """Read every event of living items that tells of a taste; users in `left_out` are passed over."""
    columns = workspace.store.event_columns()
    items = item_ids.rows(columns.item_ids)[columns.items] if len(columns) else columns.items
    mute = np.asarray([name in SEEN_EXEMPT for name in columns.event_names], dtype=np.bool_)
    out = set(left_out)
    left = np.asarray([user_id in out for user_id in columns.user_ids], dtype=np.bool_)
    kept = np.flatnonzero((items >= 0) & ~mute[columns.events] & ~left[columns.users])
    kept = kept[np.argsort(columns.timestamps[kept], kind="stable")]
    weights, positive = _said(columns, kept, workspace.config.events)
    rating = np.asarray([name == "rating" for name in columns.event_names], dtype=np.bool_)
    values = np.clip(columns.values[kept], -LARGEST_RATING, LARGEST_RATING)
    ratings = np.where(rating[columns.events[kept]], values, np.nan).astype(np.float32)
    users, codes = np.unique(columns.users[kept], return_inverse=True)
    return Log(
        IdMap([columns.user_ids[code] for code in users.tolist()]), item_ids, codes, items[kept],
        columns.timestamps[kept], weights, positive, ratings,
    )  # fmt: skip


def _said(columns: EventColumns, kept: Rows, config: Events) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the weight of each event at `kept`, and whether it counts as liking; each kind is asked for once."""
    values = columns.values[kept]
    silent = np.isnan(values)
    # Two values that are missing are one kind, which NaN is not to NumPy.
    kinds, codes = np.unique(
        np.stack([columns.events[kept], silent, np.where(silent, 0.0, values)], axis=1), axis=0, return_inverse=True
    )
    said = [(columns.event_names[int(name)], None if none else value) for name, none, value in kinds.tolist()]
    weights = np.asarray([event_weight(*kind, config) for kind in said], dtype=np.float32)
    positive = np.asarray([is_positive(*kind, config) for kind in said], dtype=np.bool_)
    return weights[codes], positive[codes]


def interactions_of(workspace: Workspace, item_ids: IdMap) -> tuple[Interactions, IdMap]:
    """Return the interactions of a workspace, and the ids of their users."""
    log = read_log(workspace, item_ids)
    return log.interactions(), log.user_ids


def histories_of(events: Sequence[Sequence[Interaction]], rows: Sequence[Rows], config: Config) -> Histories:
    """Return one history a user of `events`, oldest first; `rows` are those of their items, -1 for unknown ones.

    Impressions, searches and unknown items are passed over. A history's moment is that of its last event.
    """
    offsets = [0]
    entries: list[tuple[int, float, float]] = []
    now = []
    said: dict[tuple[str, float | None], float] = {}
    for mine, places in zip(events, rows, strict=True):
        for (_, event, value, timestamp), row in zip(mine, places.tolist(), strict=True):
            if row < 0 or event in SEEN_EXEMPT:
                continue
            weight = said.get((event, value))
            if weight is None:
                weight = said[event, value] = event_weight(event, value, config.events)
            entries.append((row, timestamp, weight))
        offsets.append(len(entries))
        now.append(mine[-1].timestamp if mine else 0.0)
    items, times, weights = zip(*entries, strict=True) if entries else ((), (), ())
    return Histories(
        np.asarray(offsets, dtype=np.int64), np.asarray(items, dtype=np.int64), np.asarray(times, dtype=np.float64),
        np.asarray(weights, dtype=np.float32), np.asarray(now, dtype=np.float64),
    )  # fmt: skip
