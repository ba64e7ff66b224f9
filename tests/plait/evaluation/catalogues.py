"""Catalogues whose pictures and sounds are turned copies of their texts, so that alignment can be learnt."""

from collections.abc import Sequence

import numpy as np

from embedders.encoder import Vectors
from embedders.items import Strand
from embedders.spaces import unit
from plait.evaluation.folds import Catalogue


def turned(count: int = 60, *, noise: float = 0.3, groups: Sequence[str] | None = None, seed: int = 0) -> Catalogue:
    """Return items of six families; the last six have no picture, and every third has a sound."""
    rng = np.random.default_rng(seed)
    families = rng.normal(size=(6, 12))
    texts = families[np.arange(count) % 6] + 0.7 * rng.normal(size=(count, 12))
    pictures = texts @ rng.normal(size=(12, 16)) + noise * rng.normal(size=(count, 16))
    sounds = texts @ rng.normal(size=(12, 10)) + noise * rng.normal(size=(count, 10))
    pictures[-6:] = 0.0
    sounds[np.arange(count) % 3 > 0] = 0.0
    return Catalogue(
        [f"item-{row}" for row in range(count)],
        {Strand.TEXT: _rows(texts), Strand.IMAGE: _rows(pictures), Strand.AUDIO: _rows(sounds)},
        [(f"family-{row % 6}",) for row in range(count)],
        groups,
    )


def _rows(vectors: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> Vectors:
    return unit(vectors.astype(np.float32))
