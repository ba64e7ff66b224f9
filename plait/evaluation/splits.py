"""Split: what a model may learn from, and what it must find."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from index import IdMap
from index.vector_index import Rows
from plait.evaluation.salted import Ties
from ranker.interactions import Histories, Interactions


@dataclass(frozen=True, slots=True)
class Split:
    """What is learnt from, and m users with their histories and targets.

    `train` are the interactions of all users that a model may learn from, in the order of time; `users` (m,) rows of
    `user_ids`; `targets` (m,) rows of `item_ids`, which name every item that is ranked; `ties` (items,) order equal
    scores. `name` and `salt` say how the split was made.
    """

    name: str
    salt: int
    user_ids: IdMap
    item_ids: IdMap
    train: Interactions
    users: Rows
    histories: Histories
    targets: Rows
    ties: Ties

    def __len__(self) -> int:
        """Return the number of users judged."""
        return len(self.users)

    @property
    def fingerprint(self) -> str:
        """A sha256 of the content in terms of ids: the same whatever rows users and items have."""
        digest = hashlib.sha256(repr((self.name, self.salt, sorted(self.item_ids))).encode())
        learnt = self.train.histories()
        for line in sorted(self._lines("train", learnt, list(self.user_ids))):
            digest.update(line.encode())
        for line in sorted(self._lines("judged", self.histories, self.user_ids.ids(self.users), self.targets)):
            digest.update(line.encode())
        return digest.hexdigest()

    def _lines(self, kind: str, histories: Histories, names: list[str], targets: Rows | None = None) -> Iterator[str]:
        """Yield one line a user who has entries."""
        item_ids = self.item_ids.ids(histories.items)
        entries = list(zip(item_ids, histories.times.tolist(), histories.weights.tolist(), strict=True))
        wanted = [""] * len(names) if targets is None else self.item_ids.ids(targets)
        bounds = histories.offsets.tolist()
        for name, target, start, stop in zip(names, wanted, bounds[:-1], bounds[1:], strict=True):
            if stop > start:
                yield repr((kind, name, target, entries[start:stop]))
