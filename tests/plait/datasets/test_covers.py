"""Covers: every motif is drawn, within its bounds, and shows its trait."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from plait.datasets.covers import paint
from plait.datasets.families import FAMILIES, Family
from plait.datasets.motifs import MOTIFS, SIDE, near_colour

BY_NAME = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)


def pixels(family: Family, light: float, seed: int) -> NDArray[np.float64]:
    picture = paint(family, light, np.random.default_rng(seed))
    assert picture.mode == "RGB"
    return np.asarray(picture, dtype=np.float64)


@BY_NAME
def test_a_cover_is_a_function_of_its_seed(family: Family) -> None:
    assert pixels(family, 0.5, 3).shape == (SIDE, SIDE, 3)
    assert np.array_equal(pixels(family, 0.5, 3), pixels(family, 0.5, 3))
    assert np.abs(pixels(family, 0.5, 3) - pixels(family, 0.5, 4)).mean() > 5


@BY_NAME
def test_the_motif_is_drawn_on_the_ground(family: Family) -> None:
    for seed in range(5):
        blank = Image.new("RGB", (SIDE, SIDE), (1, 2, 3))
        MOTIFS[family.motif](ImageDraw.Draw(blank), (250, 251, 252), np.random.default_rng(seed))
        touched = (np.asarray(blank) != (1, 2, 3)).any(axis=2).mean()
        assert 0.03 < touched <= 1.0


@BY_NAME
def test_light_makes_a_cover_brighter(family: Family) -> None:
    dark, bright = (np.mean([pixels(family, light, seed).mean() for seed in range(4)]) for light in (-2.0, 2.0))
    assert bright > dark


def test_there_is_a_motif_for_each_family_and_no_other() -> None:
    assert set(MOTIFS) == {family.motif for family in FAMILIES}


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (10, 128, 250)])
def test_colours_stay_colours(colour: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(0)
    drawn = np.array([near_colour(colour, rng) for _ in range(300)])
    assert drawn.min() >= 0
    assert drawn.max() <= 255
    assert np.abs(np.median(drawn, axis=0) - colour).max() < 8
