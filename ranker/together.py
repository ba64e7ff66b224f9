"""Together: what several users think of the same items, made one list; still additive, so that parts explain it."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ranker.rank import Scored


class Strategy(StrEnum):
    """Whose opinion counts (Masthoff 2004): everybody's alike, or that of who likes an item least, or most."""

    AVERAGE = "average"
    LEAST_MISERY = "least-misery"
    MOST_PLEASURE = "most-pleasure"


def opinions(logits: NDArray[np.float64], strategy: Strategy) -> NDArray[np.float64]:
    """Return (g, c) how much each of g members counts for each of c items with `logits` (g, c); columns sum to 1.

    Of members who like an item equally little, or much, the first counts.
    """
    if strategy is Strategy.AVERAGE:
        return np.full(logits.shape, 1.0 / len(logits))
    counts = np.zeros(logits.shape)
    speakers = logits.argmin(axis=0) if strategy is Strategy.LEAST_MISERY else logits.argmax(axis=0)
    counts[speakers, np.arange(logits.shape[1])] = 1.0
    return counts


def together(scored: Scored, strategy: Strategy) -> Scored:
    """Return the scores (1, c) of a group whose g members score the same c items.

    The group's parts are the members' parts by how much each counts, so that they sum to its logit: on average that is
    the mean of the members' logits, with the others the least or the greatest of them, and the parts of that member.
    """
    parts = np.einsum("gc,gcp->cp", opinions(scored.logits, strategy), scored.parts)[None]
    return Scored(parts, parts.sum(axis=2))
