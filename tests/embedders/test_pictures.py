"""Pictures: what is read, as what, and what is refused in one line."""

import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from embedders.media import MediaError, MediaLimits, read_image
from embedders.pictures import check_image
from tests.embedders.media_files import encoded

HALVES = Image.new("RGB", (40, 20), "red")
HALVES.paste("blue", (20, 0, 40, 20))


def write(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def colours(picture: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    pixels = np.asarray(picture, dtype=int)
    return pixels[10, 5], pixels[10, 35]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("name", ["picture.dat", "picture.jpg", "no-suffix"])
def test_the_format_is_the_content_not_the_name(tmp_path: Path, kind: str, name: str) -> None:
    path = write(tmp_path, name, encoded(HALVES, kind))
    check_image(path)
    picture = read_image(path)
    assert (picture.mode, picture.size) == ("RGB", (40, 20))
    left, right = colours(picture)
    np.testing.assert_allclose(left, [255, 0, 0], atol=6)
    np.testing.assert_allclose(right, [0, 0, 255], atol=6)


@pytest.mark.parametrize("kind", ["PPM", "ICO", "TGA", "EPS", "PDF", "JPEG2000"])
def test_formats_off_the_list_are_refused(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path, "picture.png", encoded(HALVES, kind))
    for read in (check_image, read_image):
        with pytest.raises(MediaError, match=r"^picture\.png is no picture in one of JPEG, PNG, WEBP, GIF, BMP, TIFF$"):
            read(path)


@pytest.mark.parametrize(
    "content",
    [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<!DOCTYPE html><html>404</html>", b"hello", b"\x00" * 5000],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, "photo.jpg", content)
    with pytest.raises(MediaError, match=r"photo\.jpg is no picture"):
        check_image(path)


def test_orientation_is_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise
    picture = read_image(write(tmp_path, "turned.jpg", encoded(HALVES, "JPEG", exif=exif.tobytes())))
    assert picture.size == (20, 40)
    pixels = np.asarray(picture, dtype=int)
    np.testing.assert_allclose(pixels[5, 10], [255, 0, 0], atol=6)
    np.testing.assert_allclose(pixels[35, 10], [0, 0, 255], atol=6)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_white(tmp_path: Path, mode: str) -> None:
    clear = Image.new("RGBA", (40, 20), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (20, 0, 40, 20))
    left, right = colours(read_image(write(tmp_path, "clear.png", encoded(clear.convert(mode), "PNG"))))
    np.testing.assert_array_equal(left, [255, 255, 255])
    np.testing.assert_array_equal(right, [0, 0, 0])


def test_half_transparency_is_mixed_with_white(tmp_path: Path) -> None:
    pink = Image.new("RGBA", (40, 20), (255, 0, 0, 128))
    left, _ = colours(read_image(write(tmp_path, "pink.png", encoded(pink, "PNG"))))
    np.testing.assert_allclose(left, [255, 127, 127], atol=1)


@pytest.mark.parametrize(
    ("mode", "kind"), [("CMYK", "JPEG"), ("CMYK", "TIFF"), ("L", "PNG"), ("1", "PNG"), ("YCbCr", "TIFF"), ("F", "TIFF")]
)
def test_other_colour_spaces_become_rgb(tmp_path: Path, mode: str, kind: str) -> None:
    white = Image.new("RGB", (40, 20), "white").convert(mode)
    picture = read_image(write(tmp_path, "picture", encoded(white, kind)))
    assert picture.mode == "RGB"
    assert np.asarray(picture).min() > 245


def test_cmyk_as_adobe_writes_it_is_not_a_negative(tmp_path: Path) -> None:
    inks = Image.new("CMYK", (40, 20), (255, 0, 0, 0))  # cyan alone
    inks.paste((0, 0, 0, 255), (20, 0, 40, 20))  # black alone
    content = encoded(inks, "JPEG", quality=95)
    assert b"Adobe" in content[:200]
    left, right = colours(read_image(write(tmp_path, "inks.jpg", content)))
    np.testing.assert_allclose(left, [0, 255, 255], atol=6)
    np.testing.assert_allclose(right, [0, 0, 0], atol=6)


def test_a_palette_with_a_clear_colour(tmp_path: Path) -> None:
    picture = Image.new("P", (40, 20), 1)
    picture.putpalette([10, 20, 30, 200, 100, 50])
    picture.paste(0, (20, 0, 40, 20))
    left, right = colours(read_image(write(tmp_path, "palette.png", encoded(picture, "PNG", transparency=0))))
    np.testing.assert_array_equal(left, [200, 100, 50])
    np.testing.assert_array_equal(right, [255, 255, 255])


def test_strips_are_one_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    path = write(tmp_path, "clear.png", encoded(Image.fromarray(rng.integers(0, 256, (37, 40, 4), np.uint8)), "PNG"))
    whole = np.asarray(read_image(path))
    monkeypatch.setattr("embedders.pictures.STRIP", 200)
    np.testing.assert_array_equal(np.asarray(read_image(path)), whole)
    clear = np.asarray(Image.open(path), dtype=float)
    by_hand = clear[..., :3] * clear[..., 3:] / 255 + 255 - clear[..., 3:]
    np.testing.assert_allclose(whole, by_hand, atol=1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_large_picture_is_made_smaller_but_not_below_the_side(tmp_path: Path, kind: str) -> None:
    ramp = np.broadcast_to(np.linspace(0, 255, 900).astype(np.uint8)[None, :, None], (600, 900, 3))
    exif = Image.Exif()
    exif[0x0112] = 6
    path = write(tmp_path, "large", encoded(Image.fromarray(ramp.copy()), kind, exif=exif.tobytes()))
    small, whole = read_image(path, side=100), read_image(path)
    assert whole.size == (600, 900)  # turned by a quarter
    assert 100 <= min(small.size) < 200
    assert small.size[1] == pytest.approx(1.5 * small.size[0], abs=2)
    alike = np.abs(np.asarray(small.resize((20, 30)), float) - np.asarray(whole.resize((20, 30)), float))
    assert alike.max() < 4
    assert read_image(path, side=601).size == whole.size


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (257 * 100, 100), (65535, 255)])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_brightness(tmp_path: Path, kind: str, value: int, expected: int) -> None:
    deep = Image.fromarray(np.full((20, 40), value, dtype=np.uint16))
    left, right = colours(read_image(write(tmp_path, "deep", encoded(deep, kind))))
    np.testing.assert_array_equal(left, [expected] * 3)
    np.testing.assert_array_equal(right, [expected] * 3)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_the_first_frame_of_several(tmp_path: Path, kind: str) -> None:
    others = [Image.new("RGB", (40, 20), name) for name in ("green", "white")]
    content = encoded(HALVES, kind, save_all=True, append_images=others)
    left, right = colours(read_image(write(tmp_path, "moving", content)))
    np.testing.assert_allclose(left, [255, 0, 0], atol=6)
    np.testing.assert_allclose(right, [0, 0, 255], atol=6)


def test_the_several_pictures_of_a_phone(tmp_path: Path) -> None:
    content = encoded(HALVES, "MPO", save_all=True, append_images=[Image.new("RGB", (40, 20), "green")])
    left, _ = colours(read_image(write(tmp_path, "phone.jpg", content)))
    np.testing.assert_allclose(left, [255, 0, 0], atol=6)


def bomb(width: int, height: int) -> bytes:
    """Return a PNG that says it is large, in some bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(10_000, 10_000), (60_000, 60_000), (30_000, 10), (10, 30_000)])
def test_bombs_are_refused_before_decoding(tmp_path: Path, width: int, height: int) -> None:
    path = write(tmp_path, "bomb.png", bomb(width, height))
    for read in (check_image, read_image):
        with pytest.raises(MediaError, match=r"^bomb\.png .*pixels") as caught:
            read(path)
        assert "\n" not in str(caught.value)


def test_bounds_are_the_callers(tmp_path: Path) -> None:
    path = write(tmp_path, "small.png", encoded(HALVES, "PNG"))
    check_image(path, MediaLimits(max_pixels=800, max_side=40))
    with pytest.raises(MediaError, match="has 40 x 20 pixels; expected at most 799 pixels and 20000 a side"):
        check_image(path, MediaLimits(max_pixels=799))
    with pytest.raises(MediaError, match="and 39 a side"):
        read_image(path, MediaLimits(max_side=39))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_truncated_pictures_are_refused(tmp_path: Path, kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    content = encoded(noise, kind)
    path = write(tmp_path, "torn", content[: len(content) // 2])
    with pytest.raises(MediaError, match=r"^torn is (a broken|no) picture") as caught:
        read_image(path)
    assert caught.value.path == path
    assert str(tmp_path) not in str(caught.value)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), kind=st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"]))
def test_damage_is_read_or_refused_never_else(tmp_path: Path, data: st.DataObject, kind: str) -> None:
    content = bytearray(encoded(HALVES, kind))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = write(tmp_path, "damaged", bytes(content))
    try:
        picture = read_image(path, MediaLimits(max_pixels=1_000_000))
    except MediaError as error:
        assert "\n" not in str(error)
    else:
        assert picture.mode == "RGB"


def test_threads_leave_the_warnings_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "small.png", encoded(HALVES, "PNG"))
    before = [rule for rule in warnings.filters if rule[0] == "error"]
    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(read_image, [path] * 64))) == 64
    assert [rule for rule in warnings.filters if rule[0] == "error"] == before
