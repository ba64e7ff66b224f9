"""Lists: what a model shows to each case of a split, judged beyond accuracy."""

import numpy as np

from plait.evaluation.beyond_accuracy import beyond_accuracy
from plait.evaluation.item_facts import ItemFacts
from plait.evaluation.measure import USERS_AT_ONCE, Outcome
from plait.evaluation.observations import Observations, Values
from plait.evaluation.ranking import hits, seen
from plait.evaluation.splits import Split


def observe_lists(outcome: Outcome, split: Split, facts: ItemFacts, cuts: tuple[int, ...]) -> Values:
    """Return novelty, diversity and the like (m,) of the first items of each case, by name and cut."""
    parts, owners, depth = [], split.target_owners, outcome.top.shape[1]
    for start in range(0, max(len(split), 1), USERS_AT_ONCE):
        rows = np.arange(start, min(start + USERS_AT_ONCE, len(split)))
        mine = slice(*np.searchsorted(owners, [start, start + len(rows)]).tolist())
        found = hits(outcome.places[mine], depth, owners=owners[mine] - start, count=len(rows))
        relevant = np.bincount(owners[mine] - start, minlength=len(rows))
        met = seen(split.histories.take(rows), len(split.item_ids))
        left_out = seen(split.seen.take(rows), len(split.item_ids))
        values = beyond_accuracy(outcome.top[rows], found, relevant, met, facts, cuts, left_out)
        parts.append(Observations(split.users[rows], values))
    return Observations.joined(parts).values
