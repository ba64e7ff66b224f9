"""Buckets: for whom, and for which items, a model is good."""

import numpy as np

from index.vector_index import Mask
from plait.evaluation.splits import Split

SHORT, LONG = 20, 100
"""History lengths that part the users: none, up to SHORT, up to LONG, beyond."""

HISTORIES = ("history none", f"history 1-{SHORT}", f"history {SHORT + 1}-{LONG}", f"history over {LONG}")
TARGETS = ("target head", "target middle", "target tail", "target new")


def buckets(split: Split) -> dict[str, Mask]:
    """Return (m,) for each bucket of users which of the split's cases belong to it.

    By the length of the history, and by what the protocol itself tells apart.
    """
    lengths = np.digitize(split.histories.lengths, [1, SHORT + 1, LONG + 1])
    return {name: lengths == place for place, name in enumerate(HISTORIES)} | dict(split.groups)


def target_buckets(split: Split) -> dict[str, Mask]:
    """Return (t,) for each bucket of items which of the split's targets belong to it.

    By how often the item was met in the training data: head items make up the first third of all interactions, middle
    the second, tail the last; a new one was never met.
    """
    counts = np.bincount(split.train.items, minlength=split.train.item_count)
    ordered = np.sort(counts)[::-1]
    # Interactions with items that were met more often; items met equally often share a bucket.
    above = np.concatenate(([0], np.cumsum(ordered)))[np.searchsorted(-ordered, -counts, side="left")]
    kinds = np.where(counts > 0, np.digitize(above / max(counts.sum(), 1), [1 / 3, 2 / 3]), 3)[split.targets]
    return {name: kinds == place for place, name in enumerate(TARGETS)}
