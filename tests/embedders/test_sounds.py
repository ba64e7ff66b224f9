"""Sounds: what is read, as what, and what is refused in one line."""

import subprocess
import sys
import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embedders.media import MediaError, MediaLimits, audio_windows, read_audio
from embedders.sounds import check_audio
from tests.embedders.media_files import RATE, tone


def peak_hertz(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax() * RATE / len(samples))


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [("WAV", "PCM_16"), ("WAV", "PCM_U8"), ("WAV", "PCM_24"), ("WAV", "FLOAT"), ("WAVEX", "PCM_16"),
     ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III"), ("AIFF", "PCM_16")],
)  # fmt: skip
@pytest.mark.parametrize("name", ["sound.raw", "sound.jpg", "sound"])
def test_the_format_is_the_content_not_the_name(tmp_path: Path, kind: str, subtype: str, name: str) -> None:
    path = tmp_path / name
    soundfile.write(str(path), tone(880.0, 1.0, rate=48_000), 48_000, format=kind, subtype=subtype)
    check_audio(str(path))
    samples = read_audio(str(path), sample_rate=RATE)
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert abs(len(samples) - RATE) < 0.12 * RATE
    assert peak_hertz(samples) == pytest.approx(880.0, abs=3)
    assert np.abs(samples[RATE // 4 : RATE // 2]).max() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 96_000, 192_000])
def test_every_rate_becomes_the_one_asked_for(tmp_path: Path, rate: int) -> None:
    path = str(tmp_path / "tone.wav")
    soundfile.write(path, tone(440.0, 0.5, rate=rate), rate)
    samples = read_audio(path, sample_rate=RATE)
    assert len(samples) == pytest.approx(RATE / 2, abs=2)
    assert peak_hertz(samples) == pytest.approx(440.0, abs=3)


def test_channels_are_averaged(tmp_path: Path) -> None:
    path = str(tmp_path / "three.wav")
    parts = np.stack([tone(440.0, 0.2), -tone(440.0, 0.2), 3 * tone(440.0, 0.2, loudness=0.1)], axis=1)
    soundfile.write(path, parts, RATE, subtype="FLOAT")
    np.testing.assert_allclose(read_audio(path, sample_rate=RATE), tone(440.0, 0.2, loudness=0.1), atol=1e-4)


def test_windows_are_the_whole_sound(tmp_path: Path) -> None:
    path = str(tmp_path / "long.wav")
    soundfile.write(path, tone(300.0, 3.7), RATE)
    windows = list(audio_windows(path, sample_rate=RATE, seconds=1.0))
    assert [len(window) for window in windows[:-1]] == [RATE] * 3
    np.testing.assert_array_equal(np.concatenate(windows), read_audio(path, sample_rate=RATE))


@pytest.mark.parametrize(("seconds", "count"), [(0.001, 1), (0.99, 1), (1.0, 1), (1.02, 1), (1.06, 2), (3.0, 3)])
def test_a_rest_of_milliseconds_is_left_out(tmp_path: Path, seconds: float, count: int) -> None:
    path = str(tmp_path / "sound.wav")
    soundfile.write(path, tone(300.0, seconds), RATE)
    assert len(list(audio_windows(path, sample_rate=RATE, seconds=1.0))) == count


def test_an_hour_does_not_fill_memory(tmp_path: Path) -> None:
    path = str(tmp_path / "hour.flac")
    with soundfile.SoundFile(path, "w", 8_000, 1, format="FLAC") as stream:
        minute = tone(300.0, 60.0, rate=8_000)
        for _ in range(60):
            stream.write(minute)
    tracemalloc.start()
    count = sum(1 for _ in audio_windows(path, sample_rate=8_000, seconds=10.0))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 360
    assert peak < 30_000_000  # the samples of an hour take 115 MB


@pytest.mark.parametrize("rate", [100, 1_000])
def test_a_low_rate_does_not_fill_memory_either(tmp_path: Path, rate: int) -> None:
    path = str(tmp_path / "slow.wav")
    soundfile.write(path, np.zeros(rate * 1_200, dtype=np.int16), rate)
    tracemalloc.start()
    total = sum(len(window) for window in audio_windows(path, sample_rate=RATE, seconds=10.0))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == pytest.approx(RATE * 1_200, rel=0.01)
    assert peak < 30_000_000  # the samples made of it take 106 MB


def test_an_hour_in_a_process_of_its_own(tmp_path: Path) -> None:
    """Of the whole process, whose C libraries tracemalloc does not see."""
    path = str(tmp_path / "hour.flac")
    soundfile.write(path, np.tile(tone(300.0, 60.0, rate=4_000), 60), 4_000)
    script = (
        "import soundfile, soxr, sys; from embedders.media import audio_windows;"
        # Of this process: ru_maxrss begins with what the one that began it had.
        "status = lambda: open('/proc/self/status').read(); peak = lambda: int(status().split('VmHWM:')[1].split()[0]);"
        "before = peak();"
        "count = sum(1 for _ in audio_windows(sys.argv[1], sample_rate=22_050, seconds=10.0));"
        "print(count, peak() - before)"
    )
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    count, grown = map(int, done.stdout.split())
    assert count == 360
    assert grown < 40_000  # kilobytes; the samples of an hour take 310,000


def test_too_long_by_the_header(tmp_path: Path) -> None:
    path = str(tmp_path / "long.wav")
    soundfile.write(path, tone(300.0, 3.0), RATE)
    check_audio(path, MediaLimits(max_seconds=3.0))
    for read in (lambda: check_audio(path, MediaLimits(max_seconds=2.9)),
                 lambda: read_audio(path, sample_rate=RATE, limits=MediaLimits(max_seconds=2.9))):  # fmt: skip
        with pytest.raises(MediaError, match=r"^long\.wav lasts 3\.0 s; expected at most 2\.9$"):
            read()


def test_nothing_in_it(tmp_path: Path) -> None:
    path = str(tmp_path / "nothing.wav")
    with wave.open(path, "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(RATE)
    for read in (check_audio, lambda path: read_audio(path, sample_rate=RATE)):
        with pytest.raises(MediaError, match="is an empty sound"):
            read(path)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers(tmp_path: Path, bad: float) -> None:
    path = str(tmp_path / "bad.wav")
    samples = tone(300.0, 0.5)
    samples[1000] = bad
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    check_audio(path)
    with pytest.raises(MediaError, match="not finite numbers"):
        read_audio(path, sample_rate=RATE)


@pytest.mark.parametrize("kind", ["AU", "CAF", "W64", "VOC"])
def test_formats_off_the_list_are_refused(tmp_path: Path, kind: str) -> None:
    path = str(tmp_path / "sound.wav")
    soundfile.write(path, tone(300.0, 0.1), RATE, format=kind)
    with pytest.raises(MediaError, match=f"has the format {kind}; expected one of WAV"):
        check_audio(path)


@pytest.mark.parametrize("content", [b"<html>404</html>", b"RIFF", b"\x00" * 4000, b"ID3" + b"\xff" * 200])
@pytest.mark.parametrize("name", ["sound.wav", "sound.mp3", "sound.raw"])
def test_what_is_no_sound_is_refused(
    tmp_path: Path, content: bytes, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    for read in (check_audio, lambda path: read_audio(path, sample_rate=RATE)):
        with pytest.raises(MediaError, match=r"^sound\.\w+ is (no|an empty|a broken) sound") as caught:
            read(str(path))
        assert caught.value.path == str(path)
        assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), kind=st.sampled_from(["WAV", "FLAC", "OGG", "MP3", "AIFF"]))
def test_damage_is_read_or_refused_never_else(tmp_path: Path, data: st.DataObject, kind: str) -> None:
    path = tmp_path / "damaged"
    soundfile.write(str(path), tone(440.0, 0.1), RATE, format=kind)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, min(len(content) - 1, 400)))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content[: data.draw(st.integers(1, len(content)))]))
    try:
        samples = read_audio(str(path), sample_rate=RATE, limits=MediaLimits(max_seconds=20.0))
    except MediaError as error:
        assert "\n" not in str(error)
    else:
        assert np.isfinite(samples).all()
        assert 0 < len(samples) <= 21 * RATE
