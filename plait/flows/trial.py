"""Trial: new models beside the present ones, on likings that neither has learnt from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import IdMap
from plait.evaluation.bootstrap import drawn_users
from plait.event_weights import is_positive
from plait.flows.log_without import log_without
from plait.flows.ranks_since import Liking, is_liking, ranked_among, ranks_of
from plait.history import Log, histories_of
from plait.moment import Moment
from plait.records import Interaction
from plait.workspace import Workspace
from ranker.interactions import Floats, Histories, Rows
from ranker.rank import Ranker
from ranker.sides import ItemSide

SHARE, LEAST, MOST = 0.1, 100, 500
"""Of the users who have liked something since the last training this share is held back, from LEAST up to MOST users,
but never more than half."""
ENOUGH = 30
"""Users below whom nothing is said of which models are better."""
AMONG = 2_000
"""Items that a liked one is ranked among, all where there are fewer."""
RANKED = 1_000
"""Likings of those held back that are ranked at birth."""
SURE = (5.0, 95.0)
"""Percentiles of the resampled difference of which is told; worse is what lies below zero whole."""
USERS_AT_ONCE = 32
DEPTH = 10

JUDGED, RANKS = "judged", "ranks_at_birth"
"""In a manifest: how a trial ended, and how the models rank likings that were held back from them."""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Users of whom a training does not learn what was first recorded since `after`, each with a liking to rank."""

    after: int
    likings: tuple[Liking, ...]

    def rest(self, log: Log, workspace: Workspace) -> Log:
        """Return the log without what these users did since."""
        users = {user_id for user_id, _ in self.likings}
        return log_without(log, (one for one in workspace.store.told_since(self.after) if one[0] in users))


def hold_back(workspace: Workspace, *, after: int, item_ids: IdMap, seed: int) -> HeldBack:
    """Draw users who since a sequence number have liked an item of `item_ids` that they had not met before.

    The last such liking of each is to be ranked. Of what came `after` that number the present models know nothing.
    """
    config = workspace.config
    since: dict[str, set[Interaction]] = {}
    for user_id, event in workspace.store.told_since(after):
        if event.item_id in item_ids and is_positive(event.event, event.value, config.events):
            since.setdefault(user_id, set()).add(event)
    names = sorted(since)
    count = min(max(round(SHARE * len(names)), LEAST), MOST, len(names) // 2)
    likings: list[Liking] = []
    for place in np.random.default_rng(seed).permutation(len(names)).tolist():
        if len(likings) == count:
            break
        user_id = names[place]
        done = workspace.store.recent_interactions([user_id], config.recommend.history)[user_id]
        last = _last_new(done, since[user_id])
        likings += [] if last is None else [(user_id, last)]
    return HeldBack(after, tuple(sorted(likings)))


def _last_new(done: Sequence[Interaction], liked: Collection[Interaction]) -> Interaction | None:
    """Return the last of what was `liked` that is the first of its item in what was `done`, oldest first."""
    met, last = set[str](), None
    for event in done:
        if event.item_id not in met and event in liked:
            last = event
        met.add(event.item_id)
    return last


def told_of_trial(
    moment: Moment, held: HeldBack | None, ranker: Ranker, item_ids: IdMap, vectors: Floats, *, seed: int, sequence: int
) -> dict[str, Any]:
    """Return what a manifest tells of a trial: what `try_out` shows, and `ranks_at_birth`; of none None and no rank.

    The present models are those of the moment, which has nothing learnt online: that heard who is held back.
    """
    if held is None:
        return {JUDGED: None, RANKS: []}
    new = ranker, item_ids, vectors
    return {
        JUDGED: try_out(moment, held, *new, seed=seed),
        RANKS: ranks_at_birth(moment, held, *new, seed=sequence),
    }


def is_no_worse(told: Mapping[str, Any]) -> bool:
    """Return whether models of which a trial has told this may answer."""
    return not (told[JUDGED] and told[JUDGED]["worse"])


def try_out(
    moment: Moment, held: HeldBack, ranker: Ranker, item_ids: IdMap, vectors: Floats, *, seed: int
) -> dict[str, Any]:
    """Return what a trial of `ranker`, whose items are `item_ids` with `vectors` (n, D), against a moment's shows.

    `users` are judged, by the NDCG@10 of one liking each among items they had not met: `before` is that of the present
    models, `ndcg@10` of the new ones; `low` to `high` is the paired interval of the difference, and `worse` whether all
    of it is below zero. Of fewer than ENOUGH users only their number is told, and `worse` is False.
    """
    rows = moment.index.rows(list(item_ids))
    there = np.flatnonzero(rows >= 0)
    among = np.sort(np.random.default_rng(seed).permutation(there)[:AMONG])
    histories, targets = _judged(moment, held.likings, item_ids)
    if len(targets) < ENOUGH:
        return {"users": len(targets), "worse": False}
    old = moment.items.take(np.maximum(rows, 0))
    gains = [
        gains_of(one, side, vectors, histories, targets, among)
        for one, side in ((moment.models.ranker, old), (ranker, ranker.items))
    ]
    return {"users": len(targets), **compared(gains[0], gains[1], seed=seed)}


def ranks_at_birth(
    moment: Moment, held: HeldBack, ranker: Ranker, item_ids: IdMap, vectors: Floats, *, seed: int
) -> list[float]:
    """Return how the new models rank what was held back, of items they have met: what later ranks are held against.

    What they have learnt from they rank better than what comes, so that nothing else of the log would do.
    """
    users, last, config = {user_id for user_id, _ in held.likings}, dict[str, float](), moment.live.workspace.config
    likings = [
        (user_id, event)
        for user_id, event in moment.live.workspace.store.told_since(held.after)
        if user_id in users and event.item_id in item_ids and is_liking(last, user_id, event, config.events)
    ]
    histories, targets = _judged(moment, likings[:RANKED], item_ids)
    met = np.flatnonzero(ranker.items.met[targets])
    among, ranks = ranked_among(ranker, seed), []
    for start in range(0, len(met), USERS_AT_ONCE):
        chosen = met[start : start + USERS_AT_ONCE]
        side = ranker.user_side(histories.take(chosen), ranker.items, lambda rows: vectors[rows])
        ranks += ranks_of(ranker, side, ranker.items, targets[chosen], among, lambda rows: vectors[rows])
    return [round(rank, 4) for rank in ranks]


def compared(before: NDArray[np.float64], now: NDArray[np.float64], *, seed: int) -> dict[str, Any]:
    """Return the means of two gains (m,) of the same users, and the interval of their difference."""
    differences = now - before
    means = np.concatenate(
        [drawn @ differences / len(differences) for drawn in drawn_users(len(differences), seed=seed)]
    )
    low, high = np.percentile(means, SURE)
    told = {"ndcg@10": now.mean(), "before": before.mean(), "low": low, "high": high}
    return {**{name: round(float(value), 4) for name, value in told.items()}, "worse": bool(high < 0)}


def gains_of(
    ranker: Ranker, items: ItemSide, vectors: Floats, histories: Histories, targets: Rows, among: Rows
) -> NDArray[np.float64]:
    """Return (m,) the NDCG@10 of one target each, ranked with the items at `among` that are not in the history."""
    gains = np.zeros(len(targets))
    for start in range(0, len(targets), USERS_AT_ONCE):
        chosen = np.arange(start, min(start + USERS_AT_ONCE, len(targets)))
        mine = histories.take(chosen)
        users = ranker.user_side(mine, items, lambda rows: vectors[rows])
        own = ranker.score(users, items, targets[chosen, None], vectors[targets[chosen], None]).logits
        every = np.tile(among, (len(chosen), 1))
        logits = ranker.score(users, items, every, vectors[among][None]).logits
        met = np.stack([np.isin(among, seen) for seen in _items(mine)])
        before = ((logits >= own) & ~met & (every != targets[chosen, None])).sum(axis=1)
        gains[chosen] = np.where(before < DEPTH, 1.0 / np.log2(before + 2.0), 0.0)
    return gains


def _judged(moment: Moment, likings: Sequence[Liking], item_ids: IdMap) -> tuple[Histories, Rows]:
    """Return what m users did before each liking, and the rows (m,) of what they liked, of what was new to them."""
    workspace, names = moment.live.workspace, [user_id for user_id, _ in likings]
    found = workspace.store.recent_interactions(names, workspace.config.recommend.history)
    before = [[one for one in found[user] if one.timestamp < event.timestamp] for user, event in likings]
    rows = [item_ids.rows([one.item_id for one in past]) for past in before]
    targets = item_ids.rows([event.item_id for _, event in likings])
    new = [place for place, (mine, target) in enumerate(zip(rows, targets, strict=True)) if not (mine == target).any()]
    histories = histories_of(before, rows, workspace.config)
    chosen = np.asarray(new, dtype=np.int64)
    return histories.take(chosen), targets[chosen]


def _items(histories: Histories) -> list[Rows]:
    """Return the items of each history."""
    return np.split(histories.items, histories.offsets[1:-1])


def judged_in_short(judged: Mapping[str, Any] | None) -> str:
    """Return what a trial showed in a few words, "" for none."""
    if not judged:
        return ""
    if "before" not in judged:
        return f"{judged['users']} users: too few"
    return f"{judged['before']:.4f} -> {judged['ndcg@10']:.4f}"
