"""Attention pooling against a loop, and what likes and dislikes do."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ranker.attention import DESIGN
from ranker.interactions import Floats
from ranker.profile import Profiles, explain, pool_profiles
from tests.ranker.logs import history, unit_rows


def pooled(*entries: tuple[int, float], vectors: Floats, time_constant: float = 2.0) -> Profiles:
    recent = history(*entries).recent(50)
    return pool_profiles(recent, vectors[recent.items], time_constant=time_constant)


def slow(
    entries: list[tuple[int, float]], vectors: Floats, time_constant: float
) -> tuple[NDArray[np.float64], list[float]]:
    told = [
        (vectors[item].astype(float), weight, 1 / (1 + place / time_constant))
        for place, (item, weight) in enumerate(entries[::-1])
    ]
    query = sum(max(weight, 0) * fading * vector for vector, weight, fading in told)
    query = query / np.linalg.norm(query)
    odds = [max(weight, 0) * fading * math.exp(DESIGN.sharpness * query @ vector) for vector, weight, fading in told]
    attention = [odd / sum(odds) for odd in odds]
    profile = sum(share * vector for share, (vector, _, _) in zip(attention, told, strict=True))
    against = [max(-weight, 0) * fading for _, weight, fading in told]
    if sum(against):
        pushed = sum(share * vector for share, (vector, _, _) in zip(against, told, strict=True))
        profile = profile - DESIGN.aversion * pushed / sum(against)
    return profile / np.linalg.norm(profile), attention


@given(st.integers(0, 10_000))
@settings(max_examples=50, deadline=None)
def test_against_a_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = unit_rows(6, 5, seed=seed)
    entries = [(int(rng.integers(0, 6)), float(rng.uniform(-1, 1))) for _ in range(7)] + [(0, 0.7)]
    found = pooled(*entries, vectors=vectors)
    profile, attention = slow(entries, vectors, 2.0)
    assert found.vectors[0] == pytest.approx(profile, abs=1e-4)
    assert found.attention[0] == pytest.approx(attention, abs=1e-5)
    assert found.attention.sum() == pytest.approx(1.0, abs=1e-5)


def test_one_liking_is_the_profile() -> None:
    vectors = unit_rows(3, 4)
    assert pooled((1, 1.0), vectors=vectors).vectors[0] == pytest.approx(vectors[1], abs=1e-6)


def test_a_dislike_pushes_away() -> None:
    vectors = unit_rows(3, 4)
    with_dislike = pooled((2, -1.0), (1, 1.0), vectors=vectors).vectors[0]
    without = pooled((2, 0.0), (1, 1.0), vectors=vectors).vectors[0]
    assert with_dislike @ vectors[2] < without @ vectors[2]


def test_newer_and_stronger_likings_draw_more_attention() -> None:
    vectors = np.eye(4, dtype=np.float32)
    newer = pooled((0, 1.0), (1, 1.0), vectors=vectors).attention[0]
    assert newer[0] > newer[1] > 0
    stronger = pooled((0, 1.0), (1, 0.2), vectors=vectors, time_constant=100.0).attention[0]
    assert stronger[1] > stronger[0]


@pytest.mark.parametrize("entries", [(), ((0, -1.0), (1, -1.0)), ((0, 0.0),)])
def test_nothing_liked_is_no_profile(entries: tuple[tuple[int, float], ...]) -> None:
    found = pooled(*entries, vectors=unit_rows(3, 4))
    assert not found.vectors.any()
    assert not found.attention.any()


def test_items_without_vectors() -> None:
    found = pooled((0, 1.0), (1, 1.0), vectors=np.zeros((2, 3), np.float32))
    assert not found.vectors.any()
    assert np.isfinite(found.attention).all()


def test_reasons_sum_to_one_over_likings_and_follow_likeness() -> None:
    vectors = np.eye(4, dtype=np.float32)
    recent = history((0, 1.0), (1, 1.0), (2, -1.0)).recent(5)
    attention = pool_profiles(recent, vectors[recent.items], time_constant=10.0).attention
    shares = explain(attention, vectors[recent.items], vectors[np.asarray([[0, 1, 3]])])
    assert shares.sum(axis=2) == pytest.approx(np.ones((1, 3)))
    assert (shares[:, :, 0] == 0).all()  # the newest entry is the dislike
    assert shares[0, 0].argmax() == 2
    assert shares[0, 1].argmax() == 1
    assert shares[0, 2] == pytest.approx(attention[0])


def test_nobody_has_reasons_without_a_history() -> None:
    nothing = np.zeros((1, 0), np.float32)
    assert explain(nothing, np.zeros((1, 0, 4), np.float32), unit_rows(2, 4)[None]).shape == (1, 2, 0)
