"""Freshness: which items are young."""

import numpy as np

from index.vector_index import Mask
from plait.moment import Moment
from plait.stages import stage

DAY = 86_400.0


@stage("rules")
def fresh_items(moment: Moment, *, days: float, at: float) -> Mask:
    """Return (row_count,) which items are younger than `days` at a moment in Unix seconds.

    An item is as old as its `created_at` says, or else its first event that tells of a taste; one that has neither is
    fresh, for nobody has met it. An item of the future is fresh as well.
    """
    count = moment.index.row_count
    created = moment.live.table(moment.index).columns["created_at"].numbers[:count].copy()
    unknown = np.flatnonzero(np.isnan(created))
    if len(unknown):
        created[unknown] = moment.live.rules.log.first_events(moment.index.item_ids(unknown))
    return np.asarray(np.isnan(created) | (created > at - days * DAY))
