"""The protocol last-liked: who finds the last thing each user liked, in the whole catalogue."""

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Rows
from plait.evaluation.bootstrap import intervals
from plait.evaluation.peers.peer import Fitted, Peer
from plait.evaluation.results import Results
from plait.evaluation.splits import Split, last_liked
from plait.history import Log
from ranker.interactions import Floats
from ranker.metrics import all_metrics

Say = Callable[[str], None]
Values = dict[str, NDArray[np.float64]]
USERS_AT_ONCE = 256
SHORT, LONG = 20, 100
"""History lengths that part the buckets: up to SHORT, up to LONG, beyond."""


def judge(log: Log, peers: Sequence[Peer], *, seeds: int, cuts: tuple[int, ...], progress: Say) -> Results:
    """Judge each peer on `seeds` salts; a user's values are averaged over the salts, intervals are over users."""
    found: dict[str, list[tuple[Rows, Values]]] = {peer.name: [] for peer in peers}
    details: dict[str, dict[str, float]] = {peer.name: {"seconds": 0.0} for peer in peers}
    lengths: dict[int, float] = {}
    for salt in range(seeds):
        split = last_liked(log, salt)
        lengths.update(zip(split.users.tolist(), split.histories.lengths.tolist(), strict=True))
        for peer in peers:
            began = time.monotonic()
            fitted = peer.fit(split)
            values = measure(fitted, split, cuts)
            details[peer.name]["seconds"] += round(time.monotonic() - began, 2)
            details[peer.name] |= dict(fitted.chosen)
            found[peer.name].append((split.users, values))
            progress(f"salt {salt}, {peer.name}: ndcg@{cuts[0]} {np.nanmean(values[f'ndcg@{cuts[0]}']):.4f}")
    averaged = {name: _averaged(runs) for name, runs in found.items()}
    users = next(iter(averaged.values()))[0]
    return Results(
        "last-liked", seeds, len(users), {name: intervals(values) for name, (_, values) in averaged.items()},
        _buckets(averaged, np.asarray([lengths[user] for user in users.tolist()])), {}, details,
    )  # fmt: skip


def measure(fitted: Fitted, split: Split, cuts: tuple[int, ...]) -> Values:
    """Return each metric (m,) over the split's users."""
    parts = []
    for start in range(0, len(split), USERS_AT_ONCE):
        rows = np.arange(start, min(start + USERS_AT_ONCE, len(split)))
        histories = split.histories.take(rows)
        ranked = rank(fitted.scores(histories), split.ties, histories.users, histories.items, max(cuts))
        hits = ranked == split.targets[rows][:, None]
        parts.append(all_metrics(hits, np.ones(len(rows), dtype=np.int64), cuts))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def rank(scores: Floats, ties: NDArray[np.uint64], users: Rows, seen: Rows, limit: int) -> Rows:
    """Return (m, limit) item rows, best first.

    What was `seen` (entries of `users`) is left out, NaN comes last, and equal scores are ordered by `ties`, never by
    row; -1 where nothing is left.
    """
    filled = np.where(np.isnan(scores), -np.inf, scores).astype(np.float64)
    order = np.argsort(ties, kind="stable")
    blocked = np.zeros(filled.shape, dtype=np.bool_)
    blocked[users, seen] = True
    # Stable sorts, the last key first: seen or not, then the score, then the tie.
    by_tie = -filled[:, order]
    places = np.argsort(by_tie, axis=1, kind="stable")
    chosen = order[places]
    late = np.take_along_axis(blocked, chosen, axis=1)
    unseen_first = np.argsort(late, axis=1, kind="stable")
    ranked = np.take_along_axis(chosen, unseen_first, axis=1)
    return np.where(np.take_along_axis(late, unseen_first, axis=1), -1, ranked)[:, :limit]


def _averaged(runs: list[tuple[Rows, Values]]) -> tuple[Rows, Values]:
    users = np.unique(np.concatenate([users for users, _ in runs]))
    counted = sum(np.isin(users, mine).astype(np.float64) for mine, _ in runs)
    averaged = {}
    for name in runs[0][1]:
        total = np.zeros(len(users))
        for mine, values in runs:
            total[np.searchsorted(users, mine)] += values[name]
        averaged[name] = total / counted
    return users, averaged


def _buckets(
    averaged: dict[str, tuple[Rows, Values]], lengths: NDArray[np.float64]
) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    parts = {
        f"history 1-{SHORT}": lengths <= SHORT,
        f"history {SHORT + 1}-{LONG}": (lengths > SHORT) & (lengths <= LONG),
        f"history over {LONG}": lengths > LONG,
    }
    return {
        bucket: {
            name: intervals({metric: column[inside] for metric, column in values.items()})
            for name, (_, values) in averaged.items()
        }
        for bucket, inside in parts.items()
        if inside.any()
    }
