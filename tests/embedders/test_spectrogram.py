"""The sound encoder: windows, silence, and real sounds told apart."""

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile

from embedders.bundles import LITE0_SOUNDS, make_encoder
from embedders.encoder import Encoder
from embedders.mel import SAMPLE_RATE, log_mel
from embedders.spectrogram import WINDOW_SECONDS, SpectrogramEncoder, picture
from tests.embedders.media_files import tone

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "sounds"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return make_encoder(LITE0_SOUNDS)


def write(folder: Path, name: str, samples: np.ndarray) -> str:
    path = str(folder / name)
    soundfile.write(path, samples, SAMPLE_RATE, subtype="FLOAT")
    return path


def test_the_picture_of_a_sound() -> None:
    drawn = picture(tone(440.0, 1.0))
    assert drawn.shape == (3, 224, 224)
    assert drawn.dtype == np.float32
    assert drawn.min() >= -1e-6  # interpolation rounds, on some processors below
    assert drawn.max() <= 1.0
    np.testing.assert_array_equal(drawn[0], drawn[2])


def test_low_notes_are_at_the_bottom() -> None:
    low, high = (picture(tone(hertz, 1.0))[0].mean(axis=1).argmax() for hertz in (150.0, 8000.0))
    assert high < 60 < 190 < low


def test_time_runs_to_the_right() -> None:
    samples = np.concatenate([tone(440.0, 1.0), np.zeros(SAMPLE_RATE, dtype=np.float32)])
    drawn = picture(samples)[0]
    assert drawn[:, :100].mean() > drawn[:, 124:].mean() + 0.02
    assert log_mel(samples).shape[1] == 1 + 2 * SAMPLE_RATE // 256


@pytest.mark.parametrize("samples", [np.zeros(30_000), np.zeros(1), np.full(1, 0.5), np.full(20_000, 0.3)])
def test_silence_and_next_to_nothing_are_unit_vectors(tmp_path: Path, encoder: Encoder, samples: np.ndarray) -> None:
    vectors = encoder.encode([write(tmp_path, "silence.wav", samples.astype(np.float32))])
    assert np.linalg.norm(vectors[0]) == pytest.approx(1.0, abs=1e-5)


def test_a_long_sound_is_the_mean_of_its_windows(tmp_path: Path, encoder: Encoder) -> None:
    first, second = tone(300.0, WINDOW_SECONDS), tone(4000.0, WINDOW_SECONDS / 2)
    paths = [write(tmp_path, "a.wav", first), write(tmp_path, "b.wav", second)]
    whole, alone = (encoder.encode(part) for part in ([write(tmp_path, "ab.wav", np.r_[first, second])], paths))
    expected = alone[0] * 2 + alone[1]
    np.testing.assert_allclose(whole[0], expected / np.linalg.norm(expected), atol=1e-4)


def test_repeating_a_window_changes_nothing(tmp_path: Path, encoder: Encoder) -> None:
    once = tone(500.0, WINDOW_SECONDS)
    vectors = encoder.encode([write(tmp_path, "1.wav", once), write(tmp_path, "20.wav", np.tile(once, 20))])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-4)


def test_loudness_and_rate_hardly_count(tmp_path: Path, encoder: Encoder) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, SAMPLE_RATE).astype(np.float32)
    path = write(tmp_path, "noise.wav", noise)
    quiet = write(tmp_path, "quiet.wav", noise / 50)
    soundfile.write(str(tmp_path / "noise.flac"), noise, SAMPLE_RATE)
    vectors = encoder.encode([path, quiet, str(tmp_path / "noise.flac")])
    assert (vectors[0] @ vectors.T > 0.999).all()


def test_real_sounds_find_their_like(encoder: Encoder) -> None:
    if not DATA.is_dir():
        pytest.skip("shared data is absent")
    with (DATA / "items.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["group"] in ("fold1", "fold2")]
    assert len(rows) == 160
    vectors = encoder.encode([str(DATA / row["audio"]) for row in rows])
    folds, kinds = (np.asarray([row[name] for row in rows]) for name in ("group", "categories"))
    likeness = np.where(folds[:, None] == folds, -1.0, vectors @ vectors.T)
    assert (kinds[likeness.argmax(axis=1)] == kinds).mean() > 0.74  # chance is .1


def test_a_pooling_of_frames_stands_beside_the_bands(tmp_path: Path, encoder: Encoder) -> None:
    import torch

    from embedders.frame_pooling import HIDDEN, with_pooling
    from embedders.pooling_network import PoolingNetwork, save_pooling

    torch.manual_seed(0)
    network = PoolingNetwork(LITE0_SOUNDS.dimension).eval()
    torch.nn.init.orthogonal_(network.axes)
    save_pooling(network, tmp_path / "pooling.safetensors")
    switched = make_encoder(with_pooling(LITE0_SOUNDS, str(tmp_path / "pooling.safetensors")))
    assert isinstance(switched, SpectrogramEncoder)
    rising = np.concatenate([tone(300.0, 2.0), tone(4000.0, 2.0)])
    paths = [write(tmp_path, "up.wav", rising), write(tmp_path, "down.wav", rising[::-1])]
    rows, plain, frames = switched.encode(paths), encoder.encode(paths), switched.frames(paths)
    assert rows.shape == (2, switched.dimension)
    assert frames.shape == (2, 14, encoder.dimension)
    np.testing.assert_allclose(rows[:, :-HIDDEN] * np.sqrt(2), plain, atol=1e-4)
    with torch.inference_mode():
        np.testing.assert_allclose(rows[:, -HIDDEN:] * np.sqrt(2), network(torch.from_numpy(frames)), atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(frames, axis=2), 1.0, atol=1e-5)
