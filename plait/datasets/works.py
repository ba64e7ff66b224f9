"""The items of the studio catalogue as they are planned: what each is, and what of it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from plait.datasets import strengths as s
from plait.datasets.families import FAMILIES
from plait.datasets.words import make_description, make_title

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Works:
    """n planned items by row.

    `families` (n,), and `told`, `shown`, `heard` (n,), whose words, cover and sound an item has, are rows of FAMILIES;
    `worded`, `covered`, `sounding` (n,) say which of them it has at all; `traits` (n, 2) float64 are pace and light,
    deviation 1; `popularity` (n,) sums to 1. `series` and `bundles` are pairs of rows (first, then).
    """

    item_ids: Sequence[str]
    families: Rows
    told: Rows
    shown: Rows
    heard: Rows
    worded: Flags
    covered: Flags
    sounding: Flags
    traits: Floats
    popularity: Floats
    titles: Sequence[str]
    descriptions: Sequence[str]
    series: Sequence[tuple[int, int]]
    bundles: Sequence[tuple[int, int]]
    seasonal: Rows

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.item_ids)


def plan_works(count: int, rng: Generator) -> Works:
    """Plan `count` items, as many of one family as of another. Raises ValueError for fewer than two a family."""
    if count < 2 * len(FAMILIES):
        raise ValueError(f"items is {count}; expected at least {2 * len(FAMILIES)}, two a family")
    families = rng.permutation(np.arange(count) % len(FAMILIES))
    told, shown, heard = (_stray(families, share, rng) for share in (s.STRAY_WORDS, s.STRAY_PICTURE, s.STRAY_SOUND))
    kind = rng.random(count)
    worded = kind >= s.PICTURE_ONLY + s.SOUND_ONLY
    covered = np.where(worded, rng.random(count) >= s.NO_PICTURE, kind < s.PICTURE_ONLY)
    sounding = np.where(worded, rng.random(count) >= s.NO_SOUND, kind >= s.PICTURE_ONLY)
    traits = rng.normal(0.0, 1.0, (count, 2))
    popular = np.exp(rng.normal(0.0, s.SKEW, count))
    parts = _series(families, worded, rng)
    taken = {row for series in parts for row in series}
    free = [row for row in rng.permutation(count).tolist() if row not in taken]
    titles, descriptions = _texts(told, traits, parts, rng)
    return Works(
        [f"s{row:03d}" for row in range(count)], families, told, shown, heard, worded, covered, sounding, traits,
        popular / popular.sum(), titles, descriptions,
        [pair for series in parts for pair in pairwise(series)], _bundles(families, free),
        rng.choice(count, min(s.SEASONAL, count), replace=False),
    )  # fmt: skip


def _stray(families: Rows, share: float, rng: Generator) -> Rows:
    """Return the families, each with the chance `share` replaced by any other."""
    others = (families + rng.integers(1, len(FAMILIES), len(families))) % len(FAMILIES)
    return np.where(rng.random(len(families)) < share, others, families)


def _series(families: Rows, worded: Flags, rng: Generator) -> list[list[int]]:
    """Return the rows of each series in order: parts of one family, and all with words."""
    series = []
    for family in rng.choice(len(FAMILIES), s.SERIES, replace=False).tolist():
        rows = rng.permutation(np.flatnonzero((families == family) & worded))
        if len(rows) >= s.PARTS:
            series.append(rows[: s.PARTS].tolist())
    return series


def _bundles(families: Rows, free: Sequence[int]) -> list[tuple[int, int]]:
    """Return pairs of two families; each row stands in one pair at most."""
    pairs = zip(free[::2], free[1::2], strict=False)
    return [(first, then) for first, then in pairs if families[first] != families[then]][: s.BUNDLES]


def _texts(told: Rows, traits: Floats, series: Sequence[Sequence[int]], rng: Generator) -> tuple[list[str], list[str]]:
    """Return titles and descriptions, no description twice; parts of a series share a title."""
    titles = [make_title(family, rng) for family in told.tolist()]
    for parts in series:
        name = titles[parts[0]]
        for number, row in enumerate(parts, start=1):
            titles[row] = f"{name}, part {number}"
    descriptions: dict[str, None] = {}
    for family, (pace, light) in zip(told.tolist(), traits.tolist(), strict=True):
        text = make_description(family, (pace, light), rng)
        while text in descriptions:
            text = make_description(family, (pace, light), rng)
        descriptions[text] = None
    return titles, list(descriptions)
