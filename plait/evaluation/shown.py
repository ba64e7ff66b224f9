"""Shown: what users were shown behind a split's moment, and whether they liked it: by which chances are judged."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from index import IdMap
from index.vector_index import Mask, Rows
from ranker.interactions import Histories


@dataclass(frozen=True, slots=True)
class Shown:
    """s observations of k users: `owners` (s,) was shown the item at row `items` (s,), `happened` (s,) it was liked.

    Owners count in `users` (k,), who may come more than once, and their `histories`, what was known when it was shown.
    A user and an item are one observation, however often it was shown.
    """

    users: Rows
    histories: Histories
    owners: Rows
    items: Rows
    happened: Mask

    def __len__(self) -> int:
        """Return the number of observations."""
        return len(self.items)

    def where(self, chosen: Mask) -> "Shown":
        """Return the observations that are chosen (s,), and the users who have any of them."""
        kept, owners = np.unique(self.owners[chosen], return_inverse=True)
        return Shown(self.users[kept], self.histories.take(kept), owners, self.items[chosen], self.happened[chosen])

    def lines(self, user_ids: IdMap, item_ids: IdMap) -> Iterator[str]:
        """Yield one line a user, which names what they were shown and what was known, whatever rows they have."""
        order = np.argsort(self.owners, kind="stable")
        told = list(zip(item_ids.ids(self.items[order]), self.happened[order].tolist(), strict=True))
        known, names = item_ids.ids(self.histories.items), user_ids.ids(self.users)
        bounds = np.searchsorted(self.owners[order], np.arange(len(names) + 1)).tolist()
        spans = zip(pairwise(self.histories.offsets.tolist()), pairwise(bounds), strict=True)
        for name, ((start, stop), (first, last)) in zip(names, spans, strict=True):
            yield repr(("shown", name, known[start:stop], sorted(told[first:last])))
