"""Vital signs: in a few numbers, whether what answers is near to what is true."""

from dataclasses import dataclass

import numpy as np

from index.recall import measure_recall
from plait import snapshot
from plait.live import Live

SAMPLES, NEAREST, SEED = 32, 10, 0


@dataclass(frozen=True, slots=True)
class VitalSigns:
    """What answers, and how well.

    `shown` and `clicked` count places of slates that were written down; `recall` is the share of the ten nearest that
    the live index finds; `changes` are the store's changes that no snapshot of the index holds yet.
    """

    model: str
    items: int
    shown: int
    clicked: int
    recall: float
    changes: int
    strands: tuple[str, ...]


def vital_signs(live: Live) -> VitalSigns:
    """Return the vital signs of the present moment."""
    moment = live.refresh()
    view = moment.index
    times = live.shown.times(view)
    found = snapshot.current(live.workspace.index_folder)
    behind = live.workspace.store.sequence() - (found.sequence if found else 0)
    living = np.flatnonzero(view.alive)
    recall = 1.0
    if len(living):
        limit = min(NEAREST, len(living))
        recall = measure_recall(view, view.vectors(living), samples=SAMPLES, limit=limit, seed=SEED)
    return VitalSigns(
        moment.name, len(living), int(times.shown.sum()), int(times.clicked.sum()), recall, behind,
        tuple(strand.value for strand in moment.fusion.strands),
    )  # fmt: skip
