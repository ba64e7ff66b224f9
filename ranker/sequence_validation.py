"""How well a sequence model says what users liked next, of likings that were held out."""

import time

import numpy as np

from ranker.hold_out import HeldOut
from ranker.interactions import Rows
from ranker.sequence import SequenceModel

CUT = 10
USERS_AT_ONCE = 64


def mean_gain(model: SequenceModel, held: HeldOut, *, deadline: float | None = None) -> float | None:
    """Return the mean NDCG@10 among what each user had not met; None where the deadline passed before."""
    gains = []
    for start in range(0, len(held.targets), USERS_AT_ONCE):
        if deadline is not None and time.monotonic() > deadline:
            return None
        rows = np.arange(start, min(start + USERS_AT_ONCE, len(held.targets)))
        above = places(model, held, rows)
        gains.append(np.where(above < CUT, 1.0 / np.log2(above + 2.0), 0.0))
    return float(np.concatenate(gains).mean()) if gains else 0.0


def places(model: SequenceModel, held: HeldOut, rows: Rows) -> Rows:
    """Return how many items not met stand above each target, of equal ones half."""
    histories, targets = held.histories.take(rows), held.targets[rows]
    logits = model.logits(histories)
    said = logits[np.arange(len(rows)), targets][:, None]
    logits[histories.users, histories.items] = -np.inf
    logits[np.arange(len(rows)), targets] = said[:, 0]  # it may have been met before, and is asked for all the same
    return np.asarray((logits > said).sum(axis=1) + ((logits == said).sum(axis=1) - 1) // 2)
