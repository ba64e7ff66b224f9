"""The runner: every model learns from the same splits and must find the same targets in the whole catalogue."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.vector_index import Mask
from plait.evaluation.bootstrap import intervals
from plait.evaluation.buckets import buckets
from plait.evaluation.differences import differences
from plait.evaluation.observations import Observations
from plait.evaluation.peers.peer import Fitted, Peer
from plait.evaluation.protocols import Splitter, splitter
from plait.evaluation.ranking import hits, places, seen
from plait.evaluation.results import Results
from plait.evaluation.splits import Split
from plait.history import Log
from ranker.metrics import all_metrics

Say = Callable[[str], None]
USERS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class _Runs:
    """By model, what was observed and what it chose; for each salt, who belongs to which bucket."""

    found: dict[str, list[Observations]]
    details: dict[str, list[Mapping[str, float]]]
    inside: list[Mapping[str, Mask]]


def evaluate(
    log: Log, protocol: str, peers: Sequence[Peer], *, seeds: int, cuts: tuple[int, ...], progress: Say | None = None
) -> Results:
    """Judge each peer on salts 0 .. seeds - 1; a user's values are averaged over the salts, intervals are over users.

    Raises ValueError for an unknown protocol, no peers or two of one name, seeds or cuts below 1.
    """
    names = [peer.name for peer in peers]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"peers holds {names}; expected at least one, each name once")
    if seeds < 1 or not cuts or min(cuts) < 1:
        raise ValueError(f"seeds is {seeds}, cuts {cuts}; expected numbers from 1")
    runs = _run(log, splitter(protocol), peers, seeds, cuts, progress or (lambda _: None))
    joined = {name: Observations.joined(parts) for name, parts in runs.found.items()}
    users = {name: observed.by_user() for name, observed in joined.items()}
    inside = {bucket: np.concatenate([masks[bucket] for masks in runs.inside]) for bucket in runs.inside[0]}
    return Results(
        protocol=protocol,
        seeds=seeds,
        users=len(np.unique(joined[names[0]].users)),
        models={name: intervals(values) for name, values in users.items()},
        buckets={
            bucket: {name: intervals(observed.where(mask).by_user()) for name, observed in joined.items()}
            for bucket, mask in inside.items()
            if mask.any()
        },
        details={name: _mean(parts) for name, parts in runs.details.items()},
        differences=differences(users, f"ndcg@{cuts[0]}"),
    )


def _run(log: Log, split_by: Splitter, peers: Sequence[Peer], seeds: int, cuts: tuple[int, ...], say: Say) -> _Runs:
    runs = _Runs({peer.name: [] for peer in peers}, {peer.name: [] for peer in peers}, [])
    for salt in range(seeds):
        split = split_by(log, salt)
        runs.inside.append(buckets(split))
        for peer in peers:
            began = time.monotonic()
            fitted = peer.fit(split)
            observed = measure(fitted, split, cuts)
            runs.found[peer.name].append(observed)
            runs.details[peer.name].append({"seconds": time.monotonic() - began, **fitted.chosen})
            say(f"salt {salt}, {peer.name}: ndcg@{cuts[0]} {observed.values[f'ndcg@{cuts[0]}'].mean():.4f}")
    return runs


def measure(fitted: Fitted, split: Split, cuts: tuple[int, ...]) -> Observations:
    """Return each metric for each of the split's users; what a user has seen is left out of the ranking."""
    parts = []
    item_count = len(split.item_ids)
    for start in range(0, len(split), USERS_AT_ONCE):
        rows = np.arange(start, min(start + USERS_AT_ONCE, len(split)))
        histories = split.histories.take(rows)
        left_out = seen(histories, item_count)
        placed = places(fitted.scores(histories), split.ties, split.targets[rows], left_out=left_out)
        values = all_metrics(hits(placed, item_count), np.ones(len(rows), dtype=np.int64), cuts)
        parts.append(Observations(split.users[rows], values))
    return Observations.joined(parts)


def _mean(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return what was chosen and spent, the mean over the salts."""
    return {name: round(float(np.mean([part[name] for part in parts])), 3) for name in parts[0]}
