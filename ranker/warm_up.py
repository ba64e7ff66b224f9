"""Warm-up: a new item, from what content expects of it to what its first users say."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Rows

USUAL = (100.0, 1.0)
"""Hold and reach where nothing was chosen."""
PATIENCE = 4.0
"""Events of the usual weight that are added to those of an item before it is said what they say in the mean."""


@dataclass(frozen=True, slots=True)
class FirstUsers:
    """What the first users of n items add up to.

    `tastes` (n, k) are sums of strength times taste, `strengths` (n,) sums of strength, over users whose taste is
    known; a strength is how much a user had to do with the item, 1 + weight of the event, at least 0. `weights` (n,)
    are sums of the events' weights, `counts` (n,) numbers of users, over all.
    """

    tastes: Floats
    strengths: Floats
    weights: Floats
    counts: Floats

    @classmethod
    def of(cls, places: Rows, weights: Floats, tastes: Floats, item_count: int) -> "FirstUsers":
        """Add up e events at `places` (e,) of n items, with `weights` (e,), of users with `tastes` (e, k)."""
        strengths = np.maximum(1.0 + weights, 0.0) * tastes.any(axis=1)
        sums = np.zeros((item_count, tastes.shape[1]), dtype=np.float32)
        np.add.at(sums, places, strengths[:, None] * tastes)
        added = (np.bincount(places, each, item_count) for each in (strengths, weights, np.ones(len(places))))
        return cls(sums, *(np.asarray(each, dtype=np.float32) for each in added))


@dataclass(frozen=True, slots=True)
class WarmUp:
    """taste_d = (hold_d expected_d + reach sqrt(likings) sum_e s_e taste_ed) / (hold_d + sum_e s_e), e the events.

    The users of an item have tastes about that of the item. If they are normal about it, and it is normal about what
    content expects, this is its posterior mean: an expectation is worth `holds` (k,) events, more where content is
    surer. An item's taste grows with the root of how many will like it, as `ranker.directions` divides by it.

    The logarithm of 1 + likings rises by lift * sum_e (weight_e - usual) / (PATIENCE + events): what is liked better
    than the `usual` mean weight of an event will be liked by more. How many events there are says nothing, for that is
    a matter of how long the item has been there. Items' tastes are told from `centre` (k,) on, users' are not.
    """

    holds: Floats
    reach: float
    centre: Floats
    lift: float = 0.0
    usual: float = 0.0

    def warm(self, expected: Floats, first: FirstUsers) -> Floats:
        """Return (n, k + 1) items after their `first` events, in place of `expected` (n, k + 1), of `ColdItems.items`.

        An item without any stays as expected.
        """
        likings = np.sqrt(np.maximum(np.expm1(expected[:, -1:]), 1.0))
        held = self.holds * (expected[:, :-1] + self.centre) + self.reach * likings * first.tastes
        tastes = held / (self.holds + first.strengths[:, None]) - self.centre
        better = (first.weights - self.usual * first.counts) / (PATIENCE + first.counts)
        return np.concatenate([tastes, expected[:, -1:] + self.lift * better[:, None]], axis=1).astype(np.float32)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as named arrays that `from_arrays` reads."""
        return {
            "holds": self.holds,
            "centre": self.centre,
            "said": np.asarray([self.reach, self.lift, self.usual], dtype=np.float64),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> "WarmUp":
        """Return what `to_arrays` was given. Raises KeyError for a missing array."""
        reach, lift, usual = arrays["said"].tolist()
        return cls(arrays["holds"], reach, arrays["centre"], lift, usual)


def usual_warm_up(centre: Floats) -> WarmUp:
    """Return what is used of tastes told from `centre` (k,) on where there are too few items to choose by."""
    return WarmUp(np.full(len(centre), USUAL[0], dtype=np.float32), USUAL[1], centre)
