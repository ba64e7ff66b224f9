"""The gain of held-out pairs, by which validation chooses what is learnt."""

import numpy as np
from numpy.typing import NDArray


def held_out_gain(scores: NDArray[np.floating], texts: NDArray[np.uint64]) -> float:
    """Return 1 - mean(log(rank)) / log(n), rank being that at which each of n texts finds its own item.

    1 means that all come first, 0 that all come last. Logarithms, because a gain that looks at the first ranks only,
    such as the reciprocal rank, is too noisy to choose by from a few hundred pairs. A text's own item is on the
    diagonal of `scores` (n, n). `texts` (n,) are hashes of the texts: an item with the same text is as good an
    answer, and does not count. A tie counts half: nobody can tell equal rows apart.
    """
    own = np.diag(scores)[:, None]
    other = texts[:, None] != texts
    ranks = 1.0 + (other & (scores > own)).sum(axis=1) + 0.5 * (other & (scores == own)).sum(axis=1)
    return float(1.0 - np.log(ranks).mean() / np.log(max(len(scores), 2)))
