"""Words of the studio catalogue: they tell of a family without naming it."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.datasets.families import FAMILIES, Family
from plait.datasets.strengths import PLAIN_TITLE, STRAY_SCENE
from plait.datasets.words import FILLERS, MOODS, make_description, make_title
from tests.plait.datasets.conftest import Studio

ROWS = st.integers(0, len(FAMILIES) - 1)
TRAITS = st.tuples(st.floats(-3, 3), st.floats(-3, 3))


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_no_phrase_names_its_family(family: Family) -> None:
    phrases = [*family.titles, *family.scenes, *family.details]
    named = {family.name, f"{family.name}s"}
    assert [phrase for phrase in phrases if words_of(phrase) & named] == []


def test_families_are_told_apart_by_everything() -> None:
    for values in (
        [family.name for family in FAMILIES],
        [family.motif for family in FAMILIES],
        [family.voice for family in FAMILIES],
        [phrase for family in FAMILIES for phrase in (*family.scenes, *family.asked)],
    ):
        assert len(set(values)) == len(values)


@given(told=ROWS, traits=TRAITS, seed=st.integers(0, 10_000))
def test_a_description_is_a_scene_of_the_family_and_an_ending(
    told: int, traits: tuple[float, float], seed: int
) -> None:
    text = make_description(told, traits, np.random.default_rng(seed))
    endings = [*FILLERS, *(mood for trait in MOODS for side in trait for mood in side)]
    assert text[0].isupper()
    assert any(text.endswith(f". {ending}") for ending in endings)
    assert any(scene.lower() in text.lower() for scene in FAMILIES[told].scenes)
    assert not any(asked.lower() in text.lower() for family in FAMILIES for asked in family.asked)


@given(told=ROWS, seed=st.integers(0, 10_000))
def test_the_same_numbers_give_the_same_words(told: int, seed: int) -> None:
    made = [
        (make_title(told, rng), make_description(told, (1.0, 0.0), rng))
        for rng in (np.random.default_rng(seed), np.random.default_rng(seed))
    ]
    assert made[0] == made[1]


@pytest.mark.parametrize(("traits", "trait", "side"), [((2, 1), 0, 1), ((-2, 1), 0, 0), ((0.1, 0.5), 1, 1)])
def test_the_stronger_trait_is_spoken_of(traits: tuple[float, float], trait: int, side: int) -> None:
    rng = np.random.default_rng(0)
    texts = [make_description(0, traits, rng) for _ in range(200)]
    spoken = [text for text in texts if not text.endswith(FILLERS)]
    assert 60 < len(spoken) < 140
    assert all(text.endswith(MOODS[trait][side]) for text in spoken)


def test_some_titles_say_nothing_and_the_others_tell_of_the_family() -> None:
    rng = np.random.default_rng(0)
    titles = [make_title(3, rng) for _ in range(2_000)]
    telling = [title for title in titles if set(title.split(" and ")) <= set(FAMILIES[3].titles)]
    assert 1 - len(telling) / 2_000 == pytest.approx(PLAIN_TITLE, abs=0.04)


def test_the_second_scene_strays_as_often_as_documented() -> None:
    rng = np.random.default_rng(0)
    own = [line.lower() for line in (*FAMILIES[5].scenes, *FAMILIES[5].details)]
    # The forms are: two scenes in either order, or one scene and two details of the second family.
    texts = [make_description(5, (0, 0), rng).split(".")[0].lower() for _ in range(1_500)]
    stray = [sum(line in text for line in own) < 2 for text in texts]
    assert np.mean(stray) == pytest.approx(STRAY_SCENE * 11 / 12, abs=0.04)


def test_no_description_of_a_catalogue_stands_twice(studio: Studio) -> None:
    assert len(set(studio.works.descriptions)) == len(studio.works) == len(studio.works.titles)
