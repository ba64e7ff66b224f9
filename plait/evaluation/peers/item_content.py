"""What peers read of items besides events, in the rows of a split."""

import numpy as np

from index import IdMap
from plait.flows.train import TrainingItems


def aligned(items: TrainingItems, item_ids: IdMap) -> TrainingItems:
    """Return the items in the rows of `item_ids`. Raises ValueError where one is not known."""
    rows = items.item_ids.rows(list(item_ids))
    if (rows < 0).any():
        unknown = item_ids.ids(np.flatnonzero(rows < 0)[:1])[0]
        raise ValueError(f"items lack {unknown!r}; expected every item of the split")
    return TrainingItems(item_ids, items.vectors[rows], items.features.take(rows))
