"""Positions: each liking of a log with the events before it, what "which item was liked next" is learnt from."""

from dataclasses import dataclass

import numpy as np

from ranker.interactions import Histories, Interactions, Recent, Rows


@dataclass(frozen=True, slots=True)
class Positions:
    """p likings, by `entries` (p,) of the `histories` they stand in, each with at least one event before it."""

    histories: Histories
    entries: Rows

    def __len__(self) -> int:
        """Return the number of likings."""
        return len(self.entries)

    @property
    def targets(self) -> Rows:
        """(p,) the items that were liked."""
        return self.histories.items[self.entries]

    def before(self, chosen: Rows, limit: int) -> Recent:
        """Return the last `limit` events before each of the `chosen` likings, newest first; ages as at the liking."""
        told, entries = self.histories, self.entries[chosen]
        first = told.offsets[told.users[entries]] if len(entries) else entries
        width = int(min(limit, (entries - first).max(initial=0)))
        places = entries[:, None] - 1 - np.arange(width)[None, :]
        used = places >= first[:, None]
        places = np.where(used, places, 0)
        if not width:
            return Recent(places, places.astype(np.float32), places.astype(np.float64), used)
        return Recent(
            np.where(used, told.items[places], -1),
            np.where(used, told.weights[places], 0.0).astype(np.float32),
            np.where(used, np.maximum(told.times[entries][:, None] - told.times[places], 0.0), 0.0),
            used,
        )


def likings(interactions: Interactions, *, most: int, seed: int) -> Positions:
    """Return the likings with a history, `most` of them drawn by `seed` where there are more, in the log's order."""
    histories = interactions.histories()
    liked = np.flatnonzero(histories.weights > 0)
    liked = liked[liked > histories.offsets[histories.users[liked]]]
    if len(liked) > most:
        liked = np.sort(np.random.default_rng(seed).choice(liked, most, replace=False))
    return Positions(histories, liked)
