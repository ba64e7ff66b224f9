"""Sounds: bounded, audible, each in its own band, quicker where the pace is higher."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.datasets.families import FAMILIES, Voice
from plait.datasets.tones import SAMPLE_RATE, SECONDS, blows, noise_band, time_axis
from plait.datasets.voices import HISS, VOICES, synthesise

BY_NAME = pytest.mark.parametrize("voice", [family.voice for family in FAMILIES])


@BY_NAME
def test_a_sound_is_whole_bounded_and_louder_than_its_hiss(voice: Voice) -> None:
    for pace in (-3.0, 0.0, 3.0):
        made = synthesise(voice, pace, np.random.default_rng(5))
        assert made.shape == (int(SECONDS * SAMPLE_RATE),)
        assert made.dtype == np.float32
        assert np.isfinite(made).all()
        assert 0.45 < np.abs(made).max() <= 1.0
        assert np.sqrt((made**2).mean()) > 1.3 * HISS


@BY_NAME
def test_a_sound_is_a_function_of_its_seed(voice: Voice) -> None:
    same = [synthesise(voice, 0.3, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert np.array_equal(same[0], same[1])
    assert not np.array_equal(same[0], same[2])


def test_there_is_a_voice_for_each_family_and_no_other() -> None:
    assert set(VOICES) == {family.voice for family in FAMILIES}


def centre(voice: Voice, seed: int) -> float:
    """Return the middle of the spectrum in hertz, by energy."""
    power = np.abs(np.fft.rfft(synthesise(voice, 0.0, np.random.default_rng(seed)))) ** 2
    return float(np.searchsorted(power.cumsum(), power.sum() / 2) / SECONDS)


def test_voices_lie_where_they_are_meant_to() -> None:
    heard = {voice: np.median([centre(voice, seed) for seed in range(3)]) for voice in VOICES}
    assert heard["bass"] < heard["plucks"] < heard["pad"] < heard["ticks"] < heard["chirps"]
    assert heard["swell"] < heard["gusts"]


@settings(deadline=None, max_examples=20)
@given(low=st.floats(20, 4_000), width=st.floats(50, 4_000), seed=st.integers(0, 99))
def test_a_band_has_no_energy_elsewhere(low: float, width: float, seed: int) -> None:
    noise = noise_band(time_axis(), np.random.default_rng(seed), low=low, high=low + width)
    power = np.abs(np.fft.rfft(noise)) ** 2
    frequencies = np.fft.rfftfreq(len(noise), 1 / SAMPLE_RATE)
    inside = (frequencies >= low) & (frequencies <= low + width)
    assert power[inside].sum() > 0.999 * power.sum() > 0


@pytest.mark.parametrize("steady", [True, False])
def test_blows_start_inside_and_fall_to_the_end(steady: bool) -> None:
    time = time_axis()
    struck = blows(time, np.random.default_rng(2), a_second=4.0, decay=10.0, steady=steady)
    assert len(struck) in (9, 10, 11)
    for place, envelope in struck:
        assert place + len(envelope) == len(time)
        assert envelope[0] == 1.0
        later = min(SAMPLE_RATE // 10, len(envelope) - 1)
        assert envelope[later] == pytest.approx(np.exp(-10.0 * later / SAMPLE_RATE))


def test_steady_blows_keep_the_beat() -> None:
    struck = blows(time_axis(), np.random.default_rng(2), a_second=5.0, decay=1.0, steady=True)
    assert np.abs(np.diff([place for place, _ in struck]) - SAMPLE_RATE / 5).max() <= 1


def test_a_higher_pace_strikes_more_often() -> None:
    def onsets(pace: float) -> int:
        made = np.abs(synthesise("ticks", pace, np.random.default_rng(9)))
        loud = made.reshape(-1, 175).max(axis=1) > 0.25
        return int((loud[1:] & ~loud[:-1]).sum())

    assert onsets(-3.0) < onsets(0.0) < onsets(3.0)
