"""Measure what first events make of new items: a fifth of the items is new, some events of each are told.

First content alone tells of them; then the first 1, 2, 5, 10, 20 events of each are heard, as answers hear them. Looked
for are the likings of every new item after its twentieth event, whatever is told, among the new items.
Prints NDCG@10 with its 95 % interval over users, and the paired difference to what content alone tells.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plait.evaluation.bootstrap import intervals
from plait.evaluation.cold_splitters import cold_items
from plait.flows.judging import log_of
from plait.flows.train import TrainingItems
from plait.history import Log
from plait.live import Live
from plait.workspace import Workspace
from ranker.cold_items import ColdItems, fit_cold_items
from ranker.fit_warm_up import first_events, with_warm_up
from ranker.interactions import Floats, Interactions, Rows
from ranker.metrics import ndcg
from ranker.warm_up import FirstUsers

TOLD = (0, 1, 2, 5, 10, 20)
CUT = 10
Values = NDArray[np.float64]


def warmed(cold: ColdItems, told: Floats, tastes: Floats, events: tuple[Rows, Rows, Floats], count: int) -> Floats:
    """Return what content `told` (n, k + 1) of new items, moved by the first `count` events of each.

    `events` are users, places in `told` and weights, those of an item one behind the other, in order of time;
    `tastes` (users, k).
    """
    users, places, weights = events
    heard = np.arange(len(places)) - np.searchsorted(places, places) < count
    first = FirstUsers.of(places[heard], weights[heard], tastes[users[heard]], len(told))
    return cold.warm_up.warm(told, first)


def later_likings(log: Log, rows: Rows, events: tuple[Rows, Rows, Floats]) -> NDArray[np.bool_]:
    """Return (users, n) who likes which of the items at `rows` and is not among the users of its first `events`."""
    places = np.full(len(log.item_ids), -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    liked = np.flatnonzero(log.positive & (places[log.items] >= 0))
    wanted = np.zeros((len(log.user_ids), len(rows)), dtype=np.bool_)
    wanted[log.users[liked], places[log.items[liked]]] = True
    wanted[events[0], events[1]] = False
    return wanted


def judged(log: Log, items: TrainingItems, salt: int) -> Mapping[int, Values]:
    """Return NDCG@CUT of each user (users,), NaN for who likes nothing later, by how many events are told."""
    split = cold_items(log, salt)
    learnt: Interactions = split.train
    cold = with_warm_up(fit_cold_items(learnt, items.features), learnt).cold
    rows = split.pool
    told = cold.items(items.features.take(rows))
    people = cold.users(learnt.histories())
    events = first_events(log.interactions(), rows, max(TOLD))
    wanted = later_likings(log, rows, events)
    wanted[~people[:, :-1].any(axis=1)] = False
    met = np.zeros_like(wanted)
    met[events[0], events[1]] = True
    values = {}
    for count in TOLD:
        scores = people @ warmed(cold, told, people[:, :-1], events, count).T
        scores[met] = -np.inf
        first = np.argsort(-scores, axis=1, kind="stable")[:, :CUT]
        values[count] = ndcg(np.take_along_axis(wanted, first, axis=1), wanted.sum(axis=1), CUT)
    return values


def main(arguments: list[str]) -> None:
    """Print the table of a workspace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--salts", default="20,21,22", help="which fifth is new, joined by commas [20,21,22]")
    options = parser.parse_args(arguments)
    log, materials = log_of(Live(Workspace.open(options.workspace)), "first events")
    found = [judged(log, materials.items, int(salt)) for salt in options.salts.split(",")]
    means = {count: np.nanmean([each[count] for each in found], axis=0) for count in TOLD}
    for name, values in {
        **{f"after {count} events": means[count] for count in TOLD},
        **{f"after {count} less content alone": means[count] - means[0] for count in TOLD[1:]},
    }.items():
        told = intervals({name: values})[name]
        print(f"{name:32} {told['mean']:+.4f} [{told['low']:+.4f}, {told['high']:+.4f}]")


if __name__ == "__main__":
    main(sys.argv[1:])
