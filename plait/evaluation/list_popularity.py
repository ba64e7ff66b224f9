"""How well known the items of a list are: novelty, popularity lift, serendipity.

`slates` (m, cut) are the rows of the items shown to each user, best first, -1 where a list is shorter.
"""

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Mask, Rows
from plait.evaluation.item_facts import Counts
from ranker.metrics import Hits

Values = NDArray[np.float64]


def novelty(slates: Rows, met_by: Counts, user_count: int) -> Values:
    """Return (m,) the mean self-information -log2(share of users who met it) of the items (Zhou et al. 2010), bits.

    `met_by` (n,) counts the users who met each item, of `user_count`; an item nobody met counts as if one user had.
    NaN for an empty list, and where there are no users.
    """
    return _shown_mean(slates, -np.log2(np.maximum(met_by, 1) / (user_count or np.nan)))


def popularity_lift(slates: Rows, met: Mask, met_by: Counts) -> Values:
    """Return (m,) by how much the list is more popular than what the user met (m, n), as a share of the latter.

    (mean of the list - mean of the history) / mean of the history, Abdollahpouri et al. 2019, there of a group of
    users, here of each: 0 is as popular, 1 twice so. An item is as popular as
    `met_by` (n,) users have met it. NaN for an empty list, and a history that is empty or that nobody else shares.
    """
    counts = met.sum(axis=1)
    own = np.where(counts > 0, met @ met_by.astype(np.float64) / np.maximum(counts, 1), np.nan)
    own = np.where(own > 0, own, np.nan)
    return (_shown_mean(slates, met_by.astype(np.float64)) - own) / own


def serendipity(slates: Rows, hits: Hits, relevant: Counts, expected: Rows) -> Values:
    """Return (m,) the share of the cut that is relevant and not `expected` (Ge et al. 2010).

    `expected` (m, cut) is what a primitive model would have shown the same user: the most popular items the user has
    not met (`popular_unmet`). `hits` (m, as slates) says what is relevant, `relevant` (m,) how many items are; NaN for
    a user without any, and a list that is too short counts as irrelevant, as in ranker.metrics.
    """
    guessed = (slates[:, :, None] == expected[:, None, :]).any(axis=2)
    found = (hits & ~guessed).sum(axis=1)
    return np.where(relevant > 0, found / expected.shape[1], np.nan)


def _shown_mean(slates: Rows, facts: Values) -> Values:
    """Return (m,) the mean of a number (n,) of the items over those shown, NaN for an empty list."""
    shown = slates >= 0
    counts = shown.sum(axis=1)
    sums = np.where(shown, facts[slates], 0.0).sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
