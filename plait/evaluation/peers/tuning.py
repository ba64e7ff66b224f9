"""Tuning: every peer's settings are chosen alike, on a validation split, by NDCG@10 and the same number of trials."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from plait.evaluation.measure import measure
from plait.evaluation.peers.peer import Fitted, Peer, Settings
from plait.evaluation.splits import Split

CUT = 10
TRIALS = 12
"""No peer may try more settings than this."""


def grid(**values: Sequence[float]) -> list[Settings]:
    """Return every combination of the values, the last name fastest. Raises ValueError for more than TRIALS."""
    found: list[Settings] = [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]
    if len(found) > TRIALS:
        raise ValueError(f"{len(found)} settings; expected at most {TRIALS}, the same for every peer")
    return found


def best_of(peer: Peer, settings: Sequence[Settings], validation: Split, *, seed: int) -> Settings:
    """Return the settings that do best on the validation split, the first of equal ones."""
    gains = [gain(peer, trial, validation, seed=seed) for trial in settings]
    return settings[int(np.argmax(gains))]


def gain(peer: Peer, settings: Settings, validation: Split, *, seed: int) -> float:
    """Return the mean NDCG@10 of a peer with these settings; worst where nothing could be measured."""
    if not len(validation):
        return -1.0
    return mean_gain(peer.fit(validation, settings, seed=seed), validation)


def mean_gain(fitted: Fitted, validation: Split) -> float:
    """Return the mean NDCG@10 of a model on a split; worst where nothing could be measured."""
    if not len(validation):
        return -1.0
    values = measure(fitted, validation, (CUT,)).values[f"ndcg@{CUT}"]
    return float(np.nan_to_num(np.nanmean(values), nan=-1.0))
