"""Log-mel spectrograms against hand-computed values and a slow reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedders.mel import BANDS, HOP, SAMPLE_RATE, WINDOW, filterbank, hz_to_mel, log_mel, mel_to_hz
from tests.embedders.media_files import tone

FREQUENCIES = np.arange(WINDOW // 2 + 1) * SAMPLE_RATE / WINDOW


@pytest.mark.parametrize(
    ("hertz", "mel"),
    [(0.0, 0.0), (200.0, 3.0), (500.0, 7.5), (1000.0, 15.0), (6400.0, 42.0), (1000.0 * 6.4 ** (1 / 27), 16.0)],
)
def test_slaneys_scale_by_hand(hertz: float, mel: float) -> None:
    assert hz_to_mel(np.asarray([hertz]))[0] == pytest.approx(mel, abs=1e-9)
    assert mel_to_hz(np.asarray([mel]))[0] == pytest.approx(hertz, abs=1e-9)


@given(st.floats(0, 11_025))
def test_the_scale_goes_back(hertz: float) -> None:
    assert mel_to_hz(hz_to_mel(np.asarray([hertz])))[0] == pytest.approx(hertz, abs=1e-6)


def slow_filterbank() -> np.ndarray:
    """Each triangle point by point, as Slaney's Auditory Toolbox describes it."""

    def mel(hertz: float) -> float:
        return 3 * hertz / 200 if hertz < 1000 else 15 + 27 * np.log(hertz / 1000) / np.log(6.4)

    def hertz(mels: float) -> float:
        return 200 * mels / 3 if mels < 15 else 1000 * 6.4 ** ((mels - 15) / 27)

    edges = [hertz(mel(SAMPLE_RATE / 2) * step / (BANDS + 1)) for step in range(BANDS + 2)]
    bank = np.zeros((BANDS, len(FREQUENCIES)))
    for band in range(BANDS):
        lower, centre, upper = edges[band : band + 3]
        height = 2 / (upper - lower)
        for place, frequency in enumerate(FREQUENCIES):
            if lower < frequency <= centre:
                bank[band, place] = height * (frequency - lower) / (centre - lower)
            elif centre < frequency < upper:
                bank[band, place] = height * (upper - frequency) / (upper - centre)
    return bank


def test_filters_agree_with_the_slow_reference() -> None:
    np.testing.assert_allclose(filterbank(), slow_filterbank(), rtol=1e-4, atol=1e-8)


def test_first_filters_by_hand() -> None:
    # 129 equal steps of mel from 0 to 42 + 27 ln(11025 / 6400) / ln 6.4 = 49.911; below 1 kHz one is 25.794 Hz.
    step = (15 + 27 * np.log(11.025) / np.log(6.4)) / 129 * 200 / 3
    assert step == pytest.approx(25.793, abs=2e-3)
    # The second bin, 21.53 Hz, lies on the rise of the first triangle, of height 2 / (2 step).
    assert filterbank()[0, 1] == pytest.approx(FREQUENCIES[1] / step / step, rel=1e-5)
    assert filterbank()[0, 0] == 0.0


def test_every_filter_hears_something_of_area_one() -> None:
    bank = filterbank()
    assert bank.shape == (BANDS, WINDOW // 2 + 1)
    assert (bank.max(axis=1) > 0).all()
    wide = bank[-20:].sum(axis=1) * SAMPLE_RATE / WINDOW
    np.testing.assert_allclose(wide, 1.0, atol=0.02)


def slow_log_mel(samples: np.ndarray) -> np.ndarray:
    """The definition, frame by frame, with a Fourier sum written out."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    fourier = np.exp(-2j * np.pi * np.outer(np.arange(WINDOW // 2 + 1), np.arange(WINDOW)) / WINDOW)
    padded = np.concatenate([np.zeros(WINDOW // 2), samples, np.zeros(WINDOW // 2)])
    columns = []
    for start in range(0, len(samples) + 1, HOP):
        power = np.abs(fourier @ (padded[start : start + WINDOW] * window)) ** 2
        columns.append(slow_filterbank() @ power)
    mel = np.stack(columns, axis=1)
    decibel = 10 * np.log10(np.maximum(mel / mel.max(), 1e-6))
    return np.asarray(decibel / 60 + 1)


def test_spectrogram_agrees_with_the_slow_reference() -> None:
    samples = np.random.default_rng(5).normal(size=1500).astype(np.float32) * tone(700.0, 1.0)[:1500]
    np.testing.assert_allclose(log_mel(samples), slow_log_mel(samples), atol=2e-3)


@pytest.mark.parametrize("hertz", [120.0, 440.0, 1000.0, 3000.0, 9000.0])
def test_a_tone_is_loudest_in_its_own_band(hertz: float) -> None:
    spectrogram = log_mel(tone(hertz, 0.5))
    centre = hz_to_mel(np.asarray([hertz]))[0] / hz_to_mel(np.asarray([SAMPLE_RATE / 2.0]))[0] * (BANDS + 1) - 1
    assert abs(spectrogram.mean(axis=1).argmax() - centre) <= 1.5


@pytest.mark.parametrize("length", [1, 2, 255, 256, 257, 1024, 22_050])
def test_shape_and_range(length: int) -> None:
    spectrogram = log_mel(np.random.default_rng(length).normal(size=length).astype(np.float32))
    assert spectrogram.shape == (BANDS, 1 + length // HOP)
    assert spectrogram.dtype == np.float32
    assert spectrogram.max() == pytest.approx(1.0)
    assert spectrogram.min() >= 0.0


@pytest.mark.parametrize("length", [1, 1000, 22_050])
def test_silence_is_zero(length: int) -> None:
    spectrogram = log_mel(np.zeros(length, dtype=np.float32))
    assert spectrogram.shape == (BANDS, 1 + length // HOP)
    assert not spectrogram.any()


@settings(deadline=None, max_examples=25)
@given(st.floats(-30, 30))
def test_loudness_does_not_count(power: float) -> None:
    samples = tone(500.0, 0.2)
    louder = (samples.astype(np.float64) * 10**power).astype(np.float32)
    np.testing.assert_allclose(log_mel(louder), log_mel(samples), atol=1e-3)
