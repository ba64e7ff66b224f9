"""Disguises: copies of a log or a catalogue that say the same in other rows, ids and ties."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from index import IdMap
from index.vector_index import Rows
from plait.evaluation.folds import Catalogue
from plait.evaluation.salted import salted
from plait.history import Log


@dataclass(frozen=True, slots=True)
class Disguise:
    """One way to hide what no model should read: `name` says which, `salt` makes it another.

    `shuffles` puts users, items and events of one time into other rows; `renames` hashes the ids; `unties` moves
    equal times apart, by less than half the least gap between two times.
    """

    name: str
    shuffles: bool = False
    renames: bool = False
    unties: bool = False
    salt: int = 1

    def order(self, count: int) -> Rows:
        """Return (count,) the old row of each new row."""
        if not self.shuffles:
            return np.arange(count)
        return np.random.default_rng([self.salt, count]).permutation(count)

    def ids(self, ids: Sequence[str]) -> list[str]:
        """Return the ids in new rows, under new names where they are renamed."""
        ordered = [ids[row] for row in self.order(len(ids)).tolist()]
        return [f"{number:016x}" for number in salted(self.salt, ordered).tolist()] if self.renames else ordered

    def log(self, log: Log) -> Log:
        """Return the log in disguise; time order stays, as Log promises."""
        user_ids, item_ids = list(log.user_ids), list(log.item_ids)
        users, items = np.argsort(self.order(len(user_ids))), np.argsort(self.order(len(item_ids)))
        times = log.times
        if self.unties:
            pairs = zip(log.users.tolist(), log.items.tolist(), strict=True)
            shift = salted(self.salt, (f"{user_ids[user]}\x1f{item_ids[item]}" for user, item in pairs)) / 2.0**64
            gaps = np.diff(np.unique(times))
            times = times + shift * (gaps.min(initial=1.0) / 2)
        order = self.order(len(times))
        order = order[np.argsort(times[order], kind="stable")]
        return Log(
            IdMap(self.ids(user_ids)), IdMap(self.ids(item_ids)), users[log.users[order]], items[log.items[order]],
            times[order], log.weights[order], log.positive[order], log.ratings[order],
        )  # fmt: skip

    def catalogue(self, catalogue: Catalogue) -> Catalogue:
        """Return the catalogue in disguise."""
        order = self.order(len(catalogue.item_ids))
        rows = order.tolist()
        groups = catalogue.groups
        return replace(
            catalogue,
            item_ids=self.ids(catalogue.item_ids),
            vectors={strand: vectors[order] for strand, vectors in catalogue.vectors.items()},
            queries={strand: vectors[order] for strand, vectors in catalogue.queries.items()},
            towers={
                strand: replace(tower, texts=tower.texts[order]) if len(tower.texts) else tower
                for strand, tower in catalogue.towers.items()
            },
            categories=[catalogue.categories[row] for row in rows],
            groups=None if groups is None else [groups[row] for row in rows],
        )


PLAIN = Disguise("plain")
DISGUISES = (
    Disguise("shuffled rows", shuffles=True),
    Disguise("hashed ids", renames=True),
    Disguise("hashed ties", unties=True),
    Disguise("all of these", shuffles=True, renames=True, unties=True),
)
