"""Diversity: lists in which each next item is chosen beside those before it.

One knob, `diversity` d from 0 (the most relevant first) to 1 (relevance says nothing), is each method's trade-off.
Candidates stand best first; their `relevance` (c,) lies between 0 and 1, and their `unit` vectors (c, D) have length 1
or, where nothing is known of an item, 0: such an item is like no other. A choice depends on those before it and never
on how many are asked for, so that a shorter list is the beginning of a longer one.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ranker.caps import Cap, Room
from ranker.interactions import Floats, Rows
from ranker.places import Quota

Values = NDArray[np.float64]

LEAST_VOLUME = 1e-10
"""A residual below this is none: the item is a sum of those chosen, as far as numbers tell."""
ALPHA = 0.01
"""Steck's share of the user's own mix in the list's, so that a category it lacks costs no infinite divergence."""


class Objective(Protocol):
    """What a list is to have most of; it knows the first candidates, or all."""

    def __len__(self) -> int:
        """Return the number of candidates it knows, c."""

    def gains(self) -> Values:
        """Return (c,) what each candidate would add to the list, were it the next; those in the list, anything."""

    def take(self, place: int) -> None:
        """Add a candidate to the list."""


class MarginalRelevance:
    """MMR (Carbonell, Goldstein 1998): (1 - d) relevance - d max over the list of the cosine."""

    def __init__(self, relevance: Values, unit: Floats, diversity: float) -> None:
        """Begin with an empty list, to which nothing is alike."""
        self._worth, self._unit, self._diversity = (1.0 - diversity) * relevance, unit, diversity
        self._closest: Values | None = None

    def __len__(self) -> int:
        """Return c."""
        return len(self._worth)

    def gains(self) -> Values:
        """Return (c,) the marginal relevance."""
        return self._worth if self._closest is None else self._worth - self._diversity * self._closest

    def take(self, place: int) -> None:
        """Compare everything with the item taken."""
        alike = np.asarray(self._unit @ self._unit[place], dtype=np.float64)
        self._closest = alike if self._closest is None else np.maximum(self._closest, alike)


class Volume:
    """Fast greedy MAP of a determinantal point process (Chen, Zhang, Zhou 2018).

    The kernel is L_ij = q_i S_ij q_j, with S the cosines (1 on the diagonal) and q_i = exp(a relevance_i),
    a = (1 - d) / 2d. The next item has the largest det L of the list with it; that is the largest
    (1 - d) relevance_i + d ln(r_i), where r_i is what of item i lies outside the span of the list. A Cholesky row a
    choice keeps r, so that a list of k costs O(k^2 c).
    """

    def __init__(self, relevance: Values, unit: Floats, diversity: float) -> None:
        """Begin with an empty list, which spans nothing."""
        self._worth, self._unit, self._diversity = (1.0 - diversity) * relevance, unit, diversity
        self._residual = np.ones(len(relevance))
        self._rows: Values = np.empty((0, len(relevance)))

    def __len__(self) -> int:
        """Return c."""
        return len(self._worth)

    def gains(self) -> Values:
        """Return (c,) the growth of the weighed logarithm of the determinant."""
        return self._worth + self._diversity * np.log(np.maximum(self._residual, LEAST_VOLUME))

    def take(self, place: int) -> None:
        """Take what the item spans off all others. One that spans nothing new changes nothing."""
        left = self._residual[place]
        if left <= LEAST_VOLUME:
            return
        alike = np.asarray(self._unit @ self._unit[place], dtype=np.float64)
        alike[place] = 1.0
        row = (alike - self._rows[:, place] @ self._rows) / np.sqrt(left)
        self._rows = np.concatenate([self._rows, row[None]])
        self._residual = self._residual - row**2


class Calibration:
    """Calibrated lists (Steck 2018): (1 - d) sum of relevance - d C_KL(p, q~), the categories of a list like a user's.

    C_KL = sum over categories of p ln(p / q~), q~ = (1 - ALPHA) q + ALPHA p; q are the shares of the categories in the
    list, p in what the user likes.
    """

    def __init__(self, relevance: Values, shares: Values, liked: Values, diversity: float) -> None:
        """Begin with an empty list.

        `shares` (c, k) divide each candidate among its categories, rows of zero for none; `liked` (k,) is p, zero
        everywhere where nothing is known, and then relevance alone counts.
        """
        self._worth, self._shares, self._liked = (1.0 - diversity) * relevance, shares, liked
        self._diversity, self._mass = diversity, np.zeros(shares.shape[1])

    def __len__(self) -> int:
        """Return c."""
        return len(self._worth)

    def gains(self) -> Values:
        """Return (c,) how good the list is with each candidate, but for the relevance of those in it."""
        masses = self._mass + self._shares
        totals = masses.sum(axis=1, keepdims=True)
        listed = masses / np.where(totals > 0, totals, 1.0)
        said = self._liked > 0
        liked = self._liked[said]
        mixed = (1.0 - ALPHA) * listed[:, said] + ALPHA * liked
        return np.asarray(self._worth - self._diversity * (liked * np.log(liked / mixed)).sum(axis=1))

    def take(self, place: int) -> None:
        """Count the categories of the item taken."""
        self._mass = self._mass + self._shares[place]


def scaled(logits: Values) -> Values:
    """Return relevance (c,): logits between the least, 0, and the largest, 1; all 0 where they are equal."""
    if not len(logits):
        return np.zeros(0)
    least, width = logits.min(), np.ptp(logits)
    return np.asarray((logits - least) / (width if width > 0 else 1.0))


def unit_vectors(vectors: Floats) -> Floats:
    """Return vectors (c, D) at length 1; those of length 0 stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)


def chosen_list(
    count: int, length: int, caps: Sequence[Cap] = (), objective: Objective | None = None, *,
    quota: Quota | None = None, pinned: Sequence[int] = (),
) -> Rows:  # fmt: skip
    """Return at most `length` places of `count` candidates that stand best first, in the order to be shown.

    The next item is the free one with the largest gain, the first of equals; where the objective knows only the first
    candidates, the others follow as they stand. No item comes twice, no cap is exceeded, a `quota` is met where the
    caps let it, and a list that ends early ends because no candidate is free any more. What is `pinned` counts for caps
    and objective from the start, and is not in the list.
    """
    room = Room(count, caps)
    places: list[int] = []
    known = had = 0
    if objective is not None:
        known = len(objective)
    for place in pinned:
        room.take(place)
        if objective is not None and place < known:
            objective.take(place)
    while len(places) < length and room.free.any():
        free = room.free if quota is None else quota.narrowed(room.free, len(places), had)
        if objective is not None and free[:known].any():
            place = int(np.argmax(np.where(free[:known], objective.gains(), -np.inf)))
            objective.take(place)
        else:
            place = int(np.argmax(free))
        had += quota is not None and bool(quota.wanted[place])
        places.append(place)
        room.take(place)
    return np.asarray(places, dtype=np.int64)
