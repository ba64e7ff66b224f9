"""The listeners of the studio catalogue: communities, tastes, what is known of them, and friends."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from plait.datasets import strengths as s
from plait.datasets.families import FAMILIES

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]

HOMES = ("north", "south", "east", "west")


@dataclass(frozen=True, slots=True)
class People:
    """m listeners by row.

    `tastes` (m, families) float64, rows sum to 1, as they are at the end, and `earlier`, as they were until half way:
    they differ for `drifters` (m,) bool. `leanings` (m, 2) towards the traits; `communities`, `homes`, `ages` (m,);
    `friends` are edges (row, row), ascending.
    """

    user_ids: Sequence[str]
    communities: Rows
    tastes: Floats
    earlier: Floats
    drifters: NDArray[np.bool_]
    leanings: Floats
    homes: Rows
    ages: Rows
    friends: Sequence[tuple[int, int]]

    def __len__(self) -> int:
        """Return the number of listeners."""
        return len(self.user_ids)


def gather_people(count: int, rng: Generator) -> People:
    """Draw `count` listeners. Raises ValueError for none."""
    if count < 1:
        raise ValueError(f"listeners is {count}; expected at least 1")
    centres = _centres(rng)
    communities = rng.integers(0, s.COMMUNITIES, count)
    earlier = _tastes(centres[communities], rng)
    drifters = rng.random(count) < s.DRIFTERS
    elsewhere = (communities + rng.integers(1, s.COMMUNITIES, count)) % s.COMMUNITIES
    tastes = np.where(drifters[:, None], _tastes(centres[elsewhere], rng), earlier)
    leanings = rng.normal(0.0, s.LEANING, (s.COMMUNITIES, 2))[communities] + rng.normal(0.0, s.LEANING, (count, 2))
    at_home = rng.random(count) < s.HOME_TRUTH
    homes = np.where(at_home, communities % len(HOMES), rng.integers(0, len(HOMES), count))
    # Who leans towards a quick pace is younger.
    ages = np.clip(45 - 20 * leanings[:, 0] + rng.normal(0.0, 10.0, count), 16, 90).astype(np.int64)
    return People(
        [f"u{row:03d}" for row in range(count)], communities, tastes, earlier, drifters, leanings, homes, ages,
        _friends(communities, rng),
    )  # fmt: skip


def _centres(rng: Generator) -> Floats:
    """Return the taste of each community (communities, families): no family has many more favourers than another."""
    dealt = np.concatenate([rng.permutation(len(FAMILIES)) for _ in range(s.COMMUNITIES * s.FAVOURITES)])
    favourites = dealt[: s.COMMUNITIES * s.FAVOURITES].reshape(s.COMMUNITIES, s.FAVOURITES)
    centres = np.full((s.COMMUNITIES, len(FAMILIES)), (1 - s.FAVOUR) / len(FAMILIES))
    np.add.at(centres, (np.arange(s.COMMUNITIES)[:, None], favourites), s.FAVOUR / s.FAVOURITES)
    return centres


def _tastes(centres: Floats, rng: Generator) -> Floats:
    """Return a draw of the Dirichlet distribution around each centre (m, families)."""
    drawn = rng.gamma(s.HERD * centres) + 1e-9
    return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))


def _friends(communities: Rows, rng: Generator) -> list[tuple[int, int]]:
    everybody = np.arange(len(communities))
    edges: set[tuple[int, int]] = set()
    for row, community in enumerate(communities.tolist()):
        near = np.flatnonzero(communities == community)
        for alike in (rng.random(s.FRIENDS) < s.HOMOPHILY).tolist():
            other = int(rng.choice(near if alike else everybody))
            edges |= {(row, other)} if other != row else set()
    return sorted(edges)
