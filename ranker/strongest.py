"""Strongest: one weight for each pair of user and item, whatever the order of their events."""

import numpy as np

from ranker.interactions import Floats, Rows


def strongest(users: Rows, items: Rows, weights: Floats) -> Rows:
    """Return for each pair the entry whose weight is largest in size, a liking before a dislike; by user and item.

    Which of equal entries is returned does not matter to the weight, so that the order of the events has no say.
    """
    order = np.lexsort((weights, np.abs(weights), items, users))
    if not len(order):
        return order
    mine, other = order[:-1], order[1:]
    last = np.append((users[mine] != users[other]) | (items[mine] != items[other]), True)
    return np.asarray(order[last], dtype=np.int64)
