"""Planned items: balanced, with the shares that are documented, series and bundles that hang together."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.datasets import strengths as s
from plait.datasets.families import FAMILIES
from plait.datasets.works import Works, plan_works
from tests.plait.datasets.conftest import Studio


def plan(count: int, seed: int) -> Works:
    return plan_works(count, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def many() -> Works:
    return plan(3_000, 0)


@settings(deadline=None, max_examples=15)
@given(count=st.integers(2 * len(FAMILIES), 90), seed=st.integers(0, 999))
def test_any_catalogue_is_sound(count: int, seed: int) -> None:
    works = plan(count, seed)
    assert len(works) == len(set(works.item_ids)) == count
    counts = np.bincount(works.families, minlength=len(FAMILIES))
    assert counts.max() - counts.min() <= 1
    assert (works.worded | works.covered | works.sounding).all()
    assert works.popularity.sum() == pytest.approx(1.0)
    assert (works.popularity > 0).all()
    firsts = [first for first, _ in (*works.series, *works.bundles)]
    assert len(set(firsts)) == len(firsts), "two things would follow one"
    for first, then in works.series:
        assert works.families[first] == works.families[then]
        assert works.worded[first]
        assert works.worded[then]
    for first, then in works.bundles:
        assert works.families[first] != works.families[then]
    in_series = {row for pair in works.series for row in pair}
    in_bundles = [row for pair in works.bundles for row in pair]
    assert len(set(in_bundles)) == len(in_bundles)
    assert not in_series & set(in_bundles)


@pytest.mark.parametrize("count", [0, 2 * len(FAMILIES) - 1])
def test_too_few_items_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"items is {count}; expected at least 24"):
        plan(count, 0)


def test_what_strays_and_what_is_missing_is_as_documented(many: Works) -> None:
    for drawn, share in ((many.told, s.STRAY_WORDS), (many.shown, s.STRAY_PICTURE), (many.heard, s.STRAY_SOUND)):
        assert (drawn != many.families).mean() == pytest.approx(share, abs=0.02)
    bare = ~many.worded
    assert (bare & many.covered & ~many.sounding).mean() == pytest.approx(s.PICTURE_ONLY, abs=0.02)
    assert (bare & many.sounding & ~many.covered).mean() == pytest.approx(s.SOUND_ONLY, abs=0.02)
    assert (~many.covered[many.worded]).mean() == pytest.approx(s.NO_PICTURE, abs=0.02)
    assert (~many.sounding[many.worded]).mean() == pytest.approx(s.NO_SOUND, abs=0.02)


def test_strands_stray_independently(many: Works) -> None:
    stray = np.array([row != many.families for row in (many.told, many.shown, many.heard)], dtype=np.float64)
    assert np.abs(np.corrcoef(stray) - np.eye(3)).max() < 0.08


def test_popularity_is_skewed_as_documented(many: Works) -> None:
    assert np.log(many.popularity).std() == pytest.approx(s.SKEW, abs=0.03)
    assert np.abs(np.asarray(np.corrcoef(many.traits.T))[0, 1]) < 0.06
    assert many.traits.std() == pytest.approx(1.0, abs=0.05)


def test_parts_of_a_series_share_a_title_and_count_up(studio: Studio) -> None:
    works = studio.works
    assert len(works.series) == s.SERIES * (s.PARTS - 1)
    assert len(works.bundles) == s.BUNDLES
    for first, then in works.series:
        name, number = works.titles[first].rsplit(", part ", 1)
        assert works.titles[then] == f"{name}, part {int(number) + 1}"
    told = Counter(title.rsplit(" ", 1)[-1] for title in works.titles if ", part " in title)
    assert told == {"1": s.SERIES, "2": s.SERIES, "3": s.SERIES}
