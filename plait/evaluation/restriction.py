"""Restriction: a split of which only some items are ranked."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from index.vector_index import Mask
from plait.errors import BadData
from plait.evaluation.splits import Split


def restricted(splits: Sequence[Split], allowed: Mask) -> list[Split]:
    """Return the splits with only `allowed` (items,) items ranked and wanted; what is learnt from stays whole.

    A case that has no target left is not judged, and a split without a case is left out. Raises BadData where none
    is left.
    """
    found = [_restricted(split, allowed) for split in splits if allowed[split.targets].any()]
    if not found:
        count = int(allowed.sum())
        raise BadData(f"none of the {count} items that pass is among the targets; nothing can be judged")
    return found


def _restricted(split: Split, allowed: Mask) -> Split:
    kept = allowed[split.targets]
    counts = np.bincount(split.target_owners[kept], minlength=len(split))
    cases = np.flatnonzero(counts)
    shown = split.shown
    if shown is not None:
        shown = shown.where(allowed[shown.items]) if allowed[shown.items].any() else None
    return replace(
        split,
        users=split.users[cases],
        histories=split.histories.take(cases),
        seen=split.seen.take(cases),
        targets=split.targets[kept],
        target_offsets=np.concatenate(([0], np.cumsum(counts[cases]))),
        ratings=split.ratings[kept],
        pool=split.pool[allowed[split.pool]],
        groups={name: inside[cases] for name, inside in split.groups.items()},
        shown=shown,
    )
