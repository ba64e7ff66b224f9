"""Circles: who speaks for a user, friends and friends of friends, bounded however many there are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Rows

MOST_FRIENDS = 100
"""Friends of a user who are heard, those of the largest weights."""
MOST_BEYOND = 20
"""Friends of each friend who are heard."""


@dataclass(frozen=True, slots=True)
class Relations:
    """Edges: `users` (e,) have the friends `others` (e,), rows, each with a weight above 0 (e,)."""

    users: Rows
    others: Rows
    weights: Floats

    def take(self, kept: Rows | NDArray[np.bool_]) -> "Relations":
        """Return the edges at `kept`, places or a mask."""
        return Relations(self.users[kept], self.others[kept], self.weights[kept])

    def checked(self) -> "Relations":
        """Return what tells of a taste: no relation to oneself, with somebody unknown (-1), or of no weight above 0."""
        kept = (self.users != self.others) & (self.users >= 0) & (self.others >= 0)
        return self.take(kept & np.isfinite(self.weights) & (self.weights > 0))

    def strongest(self, most: int) -> "Relations":
        """Return at most `most` edges of each user, the largest weights first, equal ones by the friend's row."""
        kept = self.take(np.lexsort((self.others, -self.weights, self.users)))
        place = np.arange(len(kept.users)) - np.searchsorted(kept.users, kept.users)
        return kept.take(place < most)


def circle(near: Relations, beyond: Relations, own: Rows, damping: float) -> Relations:
    """Return who speaks for m users: of `near` the MOST_FRIENDS strongest, and by `beyond` MOST_BEYOND of each of them.

    `near` leads from places 0 to m - 1 to user rows, `beyond` from user rows to user rows; nobody speaks for
    themselves, `own` (m,) being their rows, -1 for none. A friend's strongest friend counts `damping` times as much as
    the friend, the others less by their weights; trust ends after two steps. Who is reached in several ways counts for
    each.
    """
    first = near.strongest(MOST_FRIENDS)
    if damping <= 0:
        return first
    known = np.unique(first.others)
    second = beyond.take(np.isin(beyond.users, known)).strongest(MOST_BEYOND)
    starts, stops = (np.searchsorted(second.users, first.others, side=side) for side in ("left", "right"))
    steps = np.repeat(np.arange(len(first.users)), stops - starts)
    ends = np.arange(len(steps)) + np.repeat(starts - np.cumsum(stops - starts) + (stops - starts), stops - starts)
    # Of each user's edges the strongest comes first.
    strongest = second.weights[np.searchsorted(second.users, second.users)]
    shares = (second.weights / np.maximum(strongest, 1e-12))[ends]
    users, others = first.users[steps], second.others[ends]
    kept = others != own[users]
    weights = np.float32(damping) * first.weights[steps] * shares
    return Relations(
        np.concatenate([first.users, users[kept]]), np.concatenate([first.others, others[kept]]),
        np.concatenate([first.weights, weights[kept]]).astype(np.float32),
    )  # fmt: skip
