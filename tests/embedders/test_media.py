"""The file itself: what is refused before anything is opened, and how it is said."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from embedders.items import Strand
from embedders.media import MediaError, MediaLimits, check_media, read_audio, read_image
from tests.embedders.media_files import RATE, tone


@pytest.fixture(params=[Strand.IMAGE, Strand.AUDIO])
def strand(request: pytest.FixtureRequest) -> Strand:
    chosen: Strand = request.param
    return chosen


def refused(path: Path, strand: Strand, limits: MediaLimits | None = None) -> str:
    """Return what check and read say, which must be the same."""
    said = set()
    limits = limits or MediaLimits()
    read = (
        read_image if strand is Strand.IMAGE else lambda path, limits: read_audio(path, sample_rate=RATE, limits=limits)
    )
    for refuse in (lambda: check_media(str(path), strand, limits), lambda: read(str(path), limits)):
        with pytest.raises(MediaError) as caught:
            refuse()
        assert caught.value.path == str(path)
        assert str(caught.value).endswith(caught.value.reason)
        said.add(str(caught.value))
    assert len(said) == 1
    return said.pop()


def test_absent(tmp_path: Path, strand: Strand) -> None:
    assert refused(tmp_path / "none.bin", strand) == "none.bin is absent"


def test_a_folder(tmp_path: Path, strand: Strand) -> None:
    (tmp_path / "folder.jpg").mkdir()
    assert refused(tmp_path / "folder.jpg", strand) == "folder.jpg is no regular file"


def test_a_pipe_does_not_wait(tmp_path: Path, strand: Strand) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path / "pipe", strand) == "pipe is no regular file"


def test_a_device(strand: Strand) -> None:
    assert refused(Path("/dev/zero"), strand) == "zero is no regular file"


def test_no_bytes(tmp_path: Path, strand: Strand) -> None:
    (tmp_path / "empty.png").touch()
    assert refused(tmp_path / "empty.png", strand) == "empty.png is an empty file"


def test_too_many_bytes(tmp_path: Path, strand: Strand) -> None:
    (tmp_path / "large").write_bytes(b"x" * 101)
    assert (
        refused(tmp_path / "large", strand, MediaLimits(max_bytes=100)) == "large has 101 bytes; expected at most 100"
    )


def test_a_link_is_what_it_leads_to(tmp_path: Path) -> None:
    Image.new("RGB", (3, 3)).save(tmp_path / "real.png")
    (tmp_path / "link.png").symlink_to(tmp_path / "real.png")
    (tmp_path / "loose.png").symlink_to(tmp_path / "gone.png")
    check_media(str(tmp_path / "link.png"), Strand.IMAGE)
    assert refused(tmp_path / "loose.png", Strand.IMAGE) == "loose.png is absent"


def test_names_no_file_can_have(tmp_path: Path, strand: Strand) -> None:
    assert "cannot be read" in refused(tmp_path / ("x" * 300), strand)
    assert len(refused(tmp_path / ("x" * 300), strand)) < 200
    assert "cannot be read" in refused(tmp_path / "nul\0byte", strand)


def test_a_name_of_two_lines_is_told_in_one(tmp_path: Path, strand: Strand) -> None:
    (tmp_path / "two\nlines.png").write_bytes(b"nothing of use")
    assert refused(tmp_path / "two\nlines.png", strand).startswith("two lines.png is no ")


def test_a_picture_is_no_sound_nor_a_sound_a_picture(tmp_path: Path) -> None:
    Image.new("RGB", (30, 30)).save(tmp_path / "picture.png")
    soundfile.write(tmp_path / "sound.wav", tone(440.0, 0.1), RATE)
    assert "is no sound" in refused(tmp_path / "picture.png", Strand.AUDIO)
    assert "is no picture" in refused(tmp_path / "sound.wav", Strand.IMAGE)


def test_good_ones_and_texts_pass(tmp_path: Path) -> None:
    Image.new("RGB", (30, 30)).save(tmp_path / "picture.png")
    soundfile.write(tmp_path / "sound.wav", tone(440.0, 0.1), RATE)
    check_media(str(tmp_path / "picture.png"), Strand.IMAGE)
    check_media(str(tmp_path / "sound.wav"), Strand.AUDIO)
    check_media("any words", Strand.TEXT)


def test_checking_decodes_nothing(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (80, 80, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "whole.png")
    (tmp_path / "torn.png").write_bytes((tmp_path / "whole.png").read_bytes()[:3000])
    check_media(str(tmp_path / "torn.png"), Strand.IMAGE)
    with pytest.raises(MediaError, match=r"torn\.png is a broken picture"):
        read_image(str(tmp_path / "torn.png"))


def test_checking_imports_no_torch(tmp_path: Path) -> None:
    Image.new("RGB", (30, 30)).save(tmp_path / "picture.png")
    soundfile.write(tmp_path / "sound.wav", tone(440.0, 0.1), RATE)
    script = (
        "import sys; from embedders.items import Strand; from embedders.media import check_media;"
        f"check_media({str(tmp_path / 'picture.png')!r}, Strand.IMAGE);"
        f"check_media({str(tmp_path / 'sound.wav')!r}, Strand.AUDIO);"
        "sys.exit('torch' in sys.modules or 'scipy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
