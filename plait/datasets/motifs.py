"""Motifs of the studio's covers, one a family: drawn onto a picture in one ink."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator

from plait.datasets.families import Colour, Motif

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SIDE = 160
"""Width and height of a cover in pixels."""
TINT = 28.0
"""Deviation of a colour around its family's, in steps of 255."""


def near_colour(colour: Colour, rng: Generator) -> Colour:
    """Return a colour that strays from the one given."""
    red, green, blue = np.clip(np.asarray(colour) + rng.normal(0.0, TINT, 3), 0, 255).astype(int).tolist()
    return red, green, blue


def _waves(draw: "ImageDraw", ink: Colour, rng: Generator) -> None:
    for base in range(int(rng.integers(10, 30)), SIDE, int(rng.integers(18, 26))):
        phase, height = rng.uniform(0, 6), rng.uniform(4, 9)
        points = [(x, base + height * np.sin(x / 11 + phase)) for x in range(0, SIDE, 4)]
        draw.line(points, fill=ink, width=int(rng.integers(3, 6)))


def _flames(draw: "ImageDraw", ink: Colour, rng: Generator) -> None:
    for _ in range(int(rng.integers(5, 9))):
        x, height, width = rng.uniform(10, SIDE - 10), rng.uniform(50, 120), rng.uniform(14, 30)
        draw.polygon([(x - width, SIDE), (x, SIDE - height), (x + width, SIDE)], fill=ink)


def _trunks(draw: "ImageDraw", ink: Colour, rng: Generator) -> None:
    for x in range(int(rng.integers(6, 20)), SIDE, int(rng.integers(20, 32))):
        draw.rectangle((x, 40, x + int(rng.integers(5, 12)), SIDE), fill=ink)
        r = int(rng.integers(14, 24))
        draw.ellipse((x - r + 4, 40 - r, x + r + 4, 40 + r), fill=(50, 130 + int(rng.integers(-20, 20)), 50))


def _rings(draw: "ImageDraw", ink: Colour, rng: Generator) -> None:
    for _ in range(int(rng.integers(3, 6))):
        x, y = int(rng.integers(25, SIDE - 25)), int(rng.integers(25, SIDE - 25))
        r = int(rng.integers(16, 38))
        draw.ellipse((x - r, y - r, x + r, y + r), outline=ink, width=6)
        for angle in np.arange(0, 2 * np.pi, np.pi / 6):
            dx, dy = r * np.cos(angle), r * np.sin(angle)
            draw.line((x + dx, y + dy, x + 1.25 * dx, y + 1.25 * dy), fill=ink, width=4)


def _dots(draw: "ImageDraw", ink: Colour, rng: Generator) -> None:
    for _ in range(int(rng.integers(50, 90))):
        x, y = int(rng.integers(0, SIDE)), int(rng.integers(0, SIDE))
        r = rng.uniform(0.5, 2.5)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=ink)
    x, y = int(rng.integers(30, SIDE - 30)), int(rng.integers(30, 70))
    r = int(rng.integers(10, 22))
    draw.ellipse((x - r, y - r, x + r, y + r), fill=ink)


def _dunes(draw: "ImageDraw", ink: Colour, rng: Generator) -> None:
    for base in np.linspace(70, 140, int(rng.integers(3, 5))):
        phase, height = rng.uniform(0, 6), rng.uniform(10, 22)
        ridge = [(x, base + height * np.sin(x / 40 + phase)) for x in range(0, SIDE + 4, 4)]
        shade = tuple(int(min(255, value * rng.uniform(0.85, 1.25))) for value in ink)
        draw.polygon([*ridge, (SIDE, SIDE), (0, SIDE)], fill=shade)
    r = int(rng.integers(10, 18))
    draw.ellipse((110 - r, 30 - r, 110 + r, 30 + r), fill=(255, 240, 180))


def _checks(draw: "ImageDraw", ink: Colour, rng: Generator) -> None:
    size = int(rng.integers(16, 28))
    for row in range(0, SIDE, size):
        for column in range(0, SIDE, size):
            if (row // size + column // size) % 2 == 0:
                draw.rectangle((column, row, column + size - 1, row + size - 1), fill=near_colour(ink, rng))


def _strokes(draw: "ImageDraw", ink: Colour, rng: Generator) -> None:
    slant = rng.uniform(6, 16)
    for _ in range(int(rng.integers(50, 90))):
        x, y = int(rng.integers(0, SIDE)), int(rng.integers(0, SIDE))
        length = rng.uniform(0.8, 1.8)
        draw.line((x, y, x - slant * length, y + 26 * length), fill=ink, width=2)


def _stars(draw: "ImageDraw", ink: Colour, rng: Generator) -> None:
    for _ in range(int(rng.integers(7, 13))):
        x, y = int(rng.integers(12, SIDE - 12)), int(rng.integers(12, SIDE - 12))
        r = rng.uniform(8, 18)
        for angle in np.arange(0, np.pi, np.pi / 3):
            dx, dy = r * np.cos(angle), r * np.sin(angle)
            draw.line((x - dx, y - dy, x + dx, y + dy), fill=ink, width=3)


def _towers(draw: "ImageDraw", ink: Colour, rng: Generator) -> None:
    x = 0
    while x < SIDE:
        width, height = int(rng.integers(16, 30)), int(rng.integers(50, 140))
        draw.rectangle((x, SIDE - height, x + width - 4, SIDE), fill=(50, 45, 80))
        for y in range(SIDE - height + 6, SIDE, 12):
            for window in range(x + 3, x + width - 8, 8):
                if rng.random() < 0.6:
                    draw.rectangle((window, y, window + 4, y + 5), fill=ink)
        x += width


def _clusters(draw: "ImageDraw", ink: Colour, rng: Generator) -> None:
    for _ in range(int(rng.integers(3, 5))):
        x, y = int(rng.integers(30, SIDE - 30)), int(rng.integers(20, SIDE - 60))
        r = int(rng.integers(6, 9))
        for row in range(4):
            for column in range(4 - row):
                left, top = x + (column - (4 - row) / 2) * 2 * r, y + row * 1.7 * r
                draw.ellipse((left, top, left + 2 * r, top + 2 * r), fill=ink, outline=(40, 20, 50))


def _road(draw: "ImageDraw", ink: Colour, rng: Generator) -> None:
    middle, horizon = float(rng.integers(60, 100)), int(rng.integers(40, 70))
    draw.rectangle((0, 0, SIDE, horizon), fill=(150, 190, 220))
    draw.polygon([(middle - 6, horizon), (middle + 6, horizon), (SIDE, SIDE), (0, SIDE)], fill=(40, 40, 40))
    for step in np.linspace(0.15, 1.0, 6):
        y, width = horizon + step * (SIDE - horizon), 5 * step
        draw.rectangle((middle - width / 2, y - 8 * step, middle + width / 2, y), fill=ink)


MOTIFS: Mapping[Motif, Callable[["ImageDraw", Colour, Generator], None]] = {
    "waves": _waves, "flames": _flames, "trunks": _trunks, "rings": _rings, "dots": _dots, "dunes": _dunes,
    "checks": _checks, "strokes": _strokes, "stars": _stars, "towers": _towers, "clusters": _clusters, "road": _road,
}  # fmt: skip
