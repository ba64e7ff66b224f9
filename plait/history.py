"""Events as the ranker reads them: interactions for training, histories for answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import IdMap
from index.vector_index import Rows
from plait.config import Config
from plait.event_weights import event_weight, is_positive
from plait.records import SEEN_EXEMPT, Event
from plait.workspace import Workspace
from ranker.interactions import Histories, Interactions


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

    def interactions(self) -> Interactions:
        """Return the log without what only judging needs."""
        return Interactions(self.users, self.items, self.times, self.weights, len(self.user_ids), len(self.item_ids))


def read_log(workspace: Workspace, item_ids: IdMap, *, left_out: Sequence[str] = ()) -> Log:
    """Read every event of living items that tells of a taste; users in `left_out` are passed over."""
    config, out = workspace.config.events, set(left_out)
    users: dict[str, int] = {}
    rows: list[tuple[int, int, float, float, bool, float]] = []
    weights: dict[tuple[str, float | None], tuple[float, bool]] = {}
    for batch in workspace.store.events():
        items = item_ids.rows([event.item_id for event in batch]).tolist()
        for event, item in zip(batch, items, strict=True):
            if item < 0 or event.event in SEEN_EXEMPT or event.user_id in out:
                continue
            said = (event.event, event.value)
            if said not in weights:
                weights[said] = event_weight(*said, config), is_positive(*said, config)
            rating = event.value if event.event == "rating" and event.value is not None else np.nan
            user = users.setdefault(event.user_id, len(users))
            rows.append((user, item, event.timestamp, *weights[said], rating))
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    order = np.argsort(np.asarray(columns[2], dtype=np.float64), kind="stable")
    kinds = (np.int64, np.int64, np.float64, np.float32, np.bool_, np.float32)
    arrays: list[NDArray[Any]] = [
        np.asarray(column, dtype=kind)[order] for column, kind in zip(columns, kinds, strict=True)
    ]
    return Log(IdMap(tuple(users)), item_ids, *arrays)


def interactions_of(workspace: Workspace, item_ids: IdMap) -> tuple[Interactions, IdMap]:
    """Return the interactions of a workspace, and the ids of their users."""
    log = read_log(workspace, item_ids)
    return log.interactions(), log.user_ids


def histories_of(events: Sequence[Sequence[Event]], rows: Sequence[Rows], config: Config) -> Histories:
    """Return one history a user of `events`, oldest first; `rows` are those of their items, -1 for unknown ones.

    Impressions, searches and unknown items are passed over. A history's moment is that of its last event.
    """
    offsets: list[int] = [0]
    items: list[int] = []
    times: list[float] = []
    weights: list[float] = []
    now: list[float] = []
    for mine, places in zip(events, rows, strict=True):
        for event, row in zip(mine, places.tolist(), strict=True):
            if row >= 0 and event.event not in SEEN_EXEMPT:
                items.append(row)
                times.append(event.timestamp)
                weights.append(event_weight(event.event, event.value, config.events))
        offsets.append(len(items))
        now.append(mine[-1].timestamp if mine else 0.0)
    return Histories(
        np.asarray(offsets, dtype=np.int64), np.asarray(items, dtype=np.int64), np.asarray(times, dtype=np.float64),
        np.asarray(weights, dtype=np.float32), np.asarray(now, dtype=np.float64),
    )  # fmt: skip
