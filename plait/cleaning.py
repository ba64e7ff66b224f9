"""Cleaning: users no person could be, items that nearly stand twice."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

EVENTS_A_DAY = 2_000
"""More than this within 24 hours is no person: one event in 43 seconds without a pause."""
EVENTS_AN_HOUR = 600
HOURS = 3
"""More than EVENTS_AN_HOUR in each of HOURS different hours is none either. One such hour may be: who enters the
ratings of a lifetime makes hundreds of events in minutes, but does not keep it up."""
FEWEST = min(EVENTS_A_DAY + 1, HOURS * (EVENTS_AN_HOUR + 1))
"""Of whom there are fewer events they are a person's."""
DAY, HOUR = 86_400.0, 3_600.0

BLOCK_ROWS = 16_384
"""Pairs compared at a time, so that memory does not grow with the catalogue."""


def tireless_users(users: NDArray[np.int64], times: NDArray[np.float64], names: Sequence[str]) -> Mapping[str, str]:
    """Return users whose event rate no person reaches, each with the reason.

    `users` (n,) are rows of `names`, `times` (n,) in Unix seconds, in any order; impressions, which the user does
    not make, must not be among them.
    """
    order = np.lexsort((times, users))
    users, times = users[order], times[order]
    last = np.arange(EVENTS_A_DAY, len(users))
    first = last - EVENTS_A_DAY
    busy = (users[first] == users[last]) & (times[last] - times[first] < DAY)
    flagged = dict.fromkeys(users[first[busy]].tolist(), f"more than {EVENTS_A_DAY} events within a day")
    sustained = f"more than {EVENTS_AN_HOUR} events in each of {HOURS} hours"
    flagged |= {row: sustained for row in _sustained(users, times) if row not in flagged}
    return {names[row]: reason for row, reason in flagged.items()}


def _sustained(users: NDArray[np.int64], times: NDArray[np.float64]) -> list[int]:
    """Return the rows of users (given in the order of users and times) that are busy in too many hours of the clock."""
    hours = np.floor(times / HOUR)
    starts = np.flatnonzero(np.r_[True, (users[1:] != users[:-1]) | (hours[1:] != hours[:-1])]) if len(users) else users
    counts = np.diff(np.r_[starts, len(users)])
    rows, busy = np.unique(users[starts[counts > EVENTS_AN_HOUR]], return_counts=True)
    return [int(row) for row in rows[busy >= HOURS]]


def near_duplicates(
    vectors: NDArray[np.float32], neighbours: NDArray[np.int64], *, threshold: float = 0.98
) -> list[tuple[int, int]]:
    """Return pairs of rows (lower first, ascending) that lie nearer than `threshold` by cosine.

    `vectors` (n, dimension); `neighbours` (n, k) are rows near each row, -1 for none, so that n k pairs are compared.
    """
    rows = np.repeat(np.arange(len(vectors)), neighbours.shape[1])
    others = neighbours.ravel()
    kept = (others >= 0) & (others != rows)
    pairs = np.unique(np.sort(np.stack([rows[kept], others[kept]], axis=1), axis=1), axis=0)
    norms = np.linalg.norm(vectors, axis=1)
    found = []
    for start in range(0, len(pairs), BLOCK_ROWS):
        block = pairs[start : start + BLOCK_ROWS]
        left, right = block.T
        products = np.einsum("nd,nd->n", vectors[left], vectors[right])
        lengths = norms[left] * norms[right]
        found += block[(lengths > 0) & (products >= threshold * lengths)].tolist()
    return [(left, right) for left, right in found]
