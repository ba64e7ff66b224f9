"""Titles and descriptions of the studio catalogue, put together from phrase tables."""

import numpy as np
from numpy.random import Generator

from plait.datasets.families import FAMILIES, Family
from plait.datasets.strengths import PLAIN_TITLE, STRAY_SCENE

FILLERS = (
    "Made in a small studio.", "Third of a limited run.", "A favourite of the editors.", "Bound by hand.",
    "Recorded in one take.", "With notes by the maker.", "Remastered last year.", "A gift for a friend.",
)  # fmt: skip
MOODS = (
    (("Slow and patient.", "Takes its time."), ("Quick and restless.", "Never stands still.")),
    (("Dim and heavy.", "For late hours."), ("Clear and radiant.", "Full of light.")),
)
"""For each trait, how its low and its high side are spoken of."""
PLAIN = ("First", "Second", "Third", "Blue", "Quiet", "Lost", "Small", "Early", "Open", "Hidden")
FORMS = ("Letter", "Study", "Chapter", "Sketch", "Suite", "Notebook", "Portrait", "Theme")


def make_title(told: int, rng: Generator) -> str:
    """Return a title of two words of the family told, or now and then one that says nothing."""
    if rng.random() < PLAIN_TITLE:
        return f"{rng.choice(PLAIN)} {rng.choice(FORMS)}"
    first, second = rng.choice(FAMILIES[told].titles, 2, replace=False).tolist()
    return f"{first} and {second}"


def make_description(told: int, traits: tuple[float, float], rng: Generator) -> str:
    """Return two or three sentences: scenes of the family told, and a word on the stronger trait or on nothing."""
    family = FAMILIES[told]
    other = FAMILIES[int(rng.integers(len(FAMILIES)))] if rng.random() < STRAY_SCENE else family
    return f"{_scene(family, other, rng)}. {_ending(traits, rng)}"


def _scene(family: Family, other: Family, rng: Generator) -> str:
    scene = str(rng.choice(family.scenes))
    second = str(rng.choice([line for line in other.scenes if line != scene]))
    near, far = rng.choice(other.details, 2, replace=False).tolist()
    forms = (
        f"{scene}; {second}",
        f"{scene}, with {near} and {far}",
        f"{second}, while {scene}",
        f"{near}, {far}, and between them {scene}",
    )
    text = str(rng.choice(forms))
    return text[0].upper() + text[1:]


def _ending(traits: tuple[float, float], rng: Generator) -> str:
    if rng.random() < 0.5:
        return str(rng.choice(FILLERS))
    trait = int(np.argmax(np.abs(traits)))
    return str(rng.choice(MOODS[trait][int(traits[trait] > 0)]))
