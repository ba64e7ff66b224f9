"""Warm-up: the taste of a new item, from what content expects of it to what its first users say."""

from dataclasses import dataclass

import numpy as np

from ranker.interactions import Floats

USUAL = (100.0, 1.0)
"""Hold and reach where nothing was chosen."""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """taste_d = (hold_d expected_d + reach sqrt(likings) sum_e s_e taste_ed) / (hold_d + sum_e s_e), e the events.

    The users of an item have tastes about that of the item. If they are normal about it, and it is normal about what
    content expects, this is its posterior mean: an expectation is worth `holds` (k,) events, more where content is
    surer. `s_e` is how much the user of an event had to do with the item. An item's taste grows with the root of how
    many will like it, as `ranker.directions` divides by it.
    """

    holds: Floats
    reach: float

    def warm(self, expected: Floats, sums: Floats, strengths: Floats) -> Floats:
        """Return (n, k + 1) items after their first events, in place of `expected` (n, k + 1), of `ColdItems.items`.

        `sums` (n, k) are of strength times taste over the events of each item, `strengths` (n,) sums of strength; an
        item without any stays as expected, and so does each one's popularity.
        """
        likings = np.sqrt(np.maximum(np.expm1(expected[:, -1:]), 1.0))
        held = self.holds * expected[:, :-1] + self.reach * likings * sums
        return np.concatenate([held / (self.holds + strengths[:, None]), expected[:, -1:]], axis=1).astype(np.float32)


def usual_warm_up(tastes: int) -> WarmUp:
    """Return what is used of `tastes` directions where there are too few items to choose by."""
    return WarmUp(np.full(tastes, USUAL[0], dtype=np.float32), USUAL[1])
