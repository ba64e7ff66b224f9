"""Covers of the studio catalogue, painted with Pillow from a generator of random numbers."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator

from plait.datasets.families import Family
from plait.datasets.motifs import MOTIFS, SIDE, near_colour

if TYPE_CHECKING:
    from PIL.Image import Image

GRAIN = 14.0
"""Deviation of the noise over a finished picture, in steps of 255."""
LIGHT = 1.12
"""Factor on the brightness of the ground for each unit of the trait light."""


def paint(family: Family, light: float, rng: Generator) -> "Image":
    """Return a cover (SIDE, SIDE) RGB of a family: ground, motif, a random disc, grain."""
    from PIL import Image, ImageDraw

    ground, ink = near_colour(family.ground, rng), near_colour(family.ink, rng)
    shade = LIGHT**light * np.linspace(1.15, 0.8, SIDE)[:, None, None]
    pixels = np.clip(np.asarray(ground) * shade * np.ones((SIDE, SIDE, 1)), 0, 255)
    picture = Image.fromarray(pixels.astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    MOTIFS[family.motif](draw, ink, rng)
    x, y = (int(place) for place in rng.integers(10, SIDE - 10, 2))
    radius = int(rng.integers(4, 14))
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=near_colour((128, 128, 128), rng))
    grained = np.asarray(picture, dtype=np.float32) + rng.normal(0.0, GRAIN, (SIDE, SIDE, 3))
    return Image.fromarray(np.clip(grained, 0, 255).astype(np.uint8))
