"""Raw media: what an encoder reads of them is what it reads of the medium itself, to the last bit."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from embedders import cnn
from embedders.items import Strand
from embedders.media import DEFAULT_LIMITS, MediaError, audio_windows, read_image
from embedders.raw_media import SIDE, head_raw, write_raw
from tests.embedders.hostile_media import KINDS, SOUNDS

MODES = ("RGB", "RGBA", "L", "P", "1", "LA", "CMYK", "I;16")


def raw(path: Path, strand: Strand) -> str:
    """Return the raw file of a medium."""
    target = str(path.with_name("raw"))
    head_raw(target, strand, write_raw(str(path), target, strand, DEFAULT_LIMITS), DEFAULT_LIMITS)
    return target


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(KINDS), st.sampled_from(MODES), st.integers(1, 8))
def test_a_picture_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, width: int, height: int, kind: str, mode: str, turned: int
) -> None:
    pixels = np.random.default_rng(width).integers(0, 256, (height, width, 4), dtype=np.uint8)
    drawn = Image.fromarray(pixels)
    try:
        drawn = drawn.convert("L").convert("I").convert("I;16") if mode == "I;16" else drawn.convert(mode)
        stream, exif = io.BytesIO(), Image.Exif()
        exif[0x0112] = turned
        drawn.save(stream, kind, **({"exif": exif} if kind in ("JPEG", "PNG", "WEBP") else {}))
    except (OSError, ValueError):
        # The format has no such pictures.
        return
    path = tmp_path_factory.mktemp("raw") / "medium"
    path.write_bytes(stream.getvalue())
    assert read_image(raw(path, Strand.IMAGE)).tobytes() == read_image(str(path)).tobytes()


@pytest.mark.parametrize("size", [(1_500, 900), (2_500, 2_300), (3_000, 4_000)])
def test_the_network_sees_the_same_of_a_large_one(tmp_path: Path, size: tuple[int, int]) -> None:
    assert SIDE == cnn.FINE * cnn.SIDE
    waves = np.add.outer(np.sin(np.arange(size[1]) / 37), np.cos(np.arange(size[0]) / 23))
    path = tmp_path / "large.jpg"
    Image.fromarray(((waves + 2) * 60).astype(np.uint8)).convert("RGB").save(path, "JPEG")
    mine, direct = (read_image(one, side=SIDE) for one in (raw(path, Strand.IMAGE), str(path)))
    assert mine.tobytes() == direct.tobytes()


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize(("kind", "subtype"), SOUNDS)
def test_a_sound_is_the_same(tmp_path: Path, kind: str, subtype: str, channels: int) -> None:
    if kind == "MP3" and channels > 2:
        channels = 2
    rate = 48_000 if subtype == "OPUS" else 44_100
    noise = np.random.default_rng(5).normal(0, 0.2, (40_001, channels)).astype(np.float32)
    path = tmp_path / "sound"
    soundfile.write(path, noise, rate, format=kind, subtype=subtype)
    mine, direct = (
        [window.tobytes() for window in audio_windows(one, sample_rate=22_050, seconds=0.4)]
        for one in (raw(path, Strand.AUDIO), str(path))
    )
    assert mine == direct
    assert len(direct) >= 2


@pytest.mark.parametrize("strand", [Strand.IMAGE, Strand.AUDIO])
@pytest.mark.parametrize("numbers", [(0, 9), (9, 0), (-1, 9), (9, -1), (10, 9), (9, 10), (2**40, 9), (9, 2**40)])
def test_numbers_that_lie_are_refused(tmp_path: Path, strand: Strand, numbers: tuple[int, int]) -> None:
    path = tmp_path / "raw"
    path.write_bytes(bytes(54 + 28 * 9))
    with pytest.raises(MediaError, match="bytes; expected"):
        head_raw(str(path), strand, numbers, DEFAULT_LIMITS)
