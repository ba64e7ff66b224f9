"""Exposures: slates written down as they are shown, and read back beside the events that answer them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index import IdMap
from index.vector_index import Mask, Rows
from plait.evaluation.exposure import Slates
from plait.event_weights import event_weight, is_positive
from plait.ranking import Ranking
from plait.records import Exposure
from plait.rewards import reward
from plait.stages import stage
from plait.workspace import Workspace
from ranker.click_rate import Values
from ranker.interactions import Floats

RANKED = "ranked"
"""The policy of a slate in which nothing was explored."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """n places of slates that were shown, in the order recorded, and what was done with them.

    `slates` (n,) index `recommendation_ids`, `user_ids`, `policies` and `timestamps`; `positions` count from 1;
    `propensities` (n,) are those that were written; `explored` (n,) is where a new item stood by chance. `clicked` (n,)
    says whether a positive event of the user answers the place, and `weights` (n,) is that of the strongest event that
    does; `rewards` (n,) is the largest by `plait.rewards`, of either sign. Both are 0 where none does.
    """

    recommendation_ids: tuple[str, ...]
    user_ids: tuple[str, ...]
    policies: tuple[str, ...]
    timestamps: Values
    slates: Rows
    item_ids: tuple[str, ...]
    positions: Rows
    propensities: Values
    explored: Mask
    clicked: Mask
    weights: Floats
    rewards: Values

    def users(self) -> Rows:
        """Return (n,) whom each place was shown to, as numbers from 0."""
        return np.unique(np.asarray(self.user_ids, dtype=np.str_), return_inverse=True)[1][self.slates]


@stage("record")
def write_exposures(workspace: Workspace, rankings: Sequence[Ranking]) -> None:
    """Write what was shown, each under its recommendation_id; all of it is durable when this returns, or none is."""
    method, now = workspace.config.exploration.method, time.time()
    with workspace.store.write() as change:
        change.add_exposures([_exposure(ranking, method, now) for ranking in rankings])


def feedback(workspace: Workspace) -> Feedback:
    """Return every place that was shown, joined by recommendation_id, item and user with the events that answer it."""
    config, shown = workspace.config.events, workspace.store.all_exposures()
    clicked: set[tuple[str, str]] = set()
    weights: dict[tuple[str, str], float] = {}
    rewards: dict[tuple[str, str], float] = {}
    for one in workspace.store.responses():
        place, weight = (one.recommendation_id, one.item_id), event_weight(one.event, one.value, config)
        weights[place] = max(weight, weights.get(place, weight), key=abs)
        earned = reward(one.event, one.value, config)
        rewards[place] = max(earned, rewards.get(place, earned), key=abs)
        if is_positive(one.event, one.value, config):
            clicked.add(place)
    places = [(slate.recommendation_id, item_id) for slate in shown for item_id in slate.item_ids]
    lengths = [len(slate.item_ids) for slate in shown]
    positions = np.concatenate([np.empty(0, np.int64), *(np.arange(1, length + 1) for length in lengths)])
    explored = [position in _explored(slate) for slate in shown for position in range(1, len(slate.item_ids) + 1)]
    return Feedback(
        tuple(slate.recommendation_id for slate in shown), tuple(slate.user_id for slate in shown),
        tuple(slate.policy for slate in shown), np.asarray([slate.timestamp for slate in shown], np.float64),
        np.repeat(np.arange(len(shown)), lengths), tuple(item_id for _, item_id in places), positions,
        np.asarray([p for slate in shown for p in slate.propensities], np.float64), np.asarray(explored, np.bool_),
        np.asarray([place in clicked for place in places], np.bool_),
        np.asarray([weights.get(place, 0.0) for place in places], np.float32),
        np.asarray([rewards.get(place, 0.0) for place in places], np.float64),
    )  # fmt: skip


def slates_shown(told: Feedback, item_ids: IdMap, eligible: Mask) -> Slates:
    """Return what was shown, for `catalogue_measures`: how much of the items, and how evenly.

    Items are rows of `item_ids`; those that it does not know, or that are not `eligible` (n,), are left out.
    """
    rows = item_ids.rows(list(told.item_ids))
    rows = np.where((rows >= 0) & eligible[np.maximum(rows, 0)], rows, -1)
    items = np.full((len(told.recommendation_ids), int(told.positions.max(initial=0))), -1, dtype=np.int64)
    items[told.slates, told.positions - 1] = rows
    return Slates(np.unique(np.asarray(told.user_ids, dtype=np.str_), return_inverse=True)[1], items, eligible)


def _exposure(ranking: Ranking, method: str, now: float) -> Exposure:
    """Return a slate; its policy is RANKED, or the method and the positions that explored, such as epsilon:5,10."""
    items = ranking.items
    drawn = any(item.explored or item.propensity < 1 for item in items)
    explored = ",".join(str(position) for position, item in enumerate(items, start=1) if item.explored)
    return Exposure(
        ranking.recommendation_id, ranking.user_id, now, f"{method}:{explored}" if drawn else RANKED,
        tuple(item.item_id for item in items), tuple(item.propensity for item in items),
    )  # fmt: skip


def _explored(slate: Exposure) -> set[int]:
    """Return the positions of a slate at which a new item stood by chance."""
    return {int(position) for position in slate.policy.partition(":")[2].split(",") if position.isdecimal()}
