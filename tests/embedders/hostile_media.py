"""Hostile media: a corpus of files that are broken, lie, or would take all memory; made anew in a folder."""

import io
import os
import struct
import wave
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from embedders.items import Strand
from tests.embedders.media_files import RATE, encoded, tone

Corpus = dict[str, Strand]
KINDS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
SOUNDS = (("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III"))


def make_corpus(folder: Path) -> Corpus:
    """Write every file into `folder`; return by name which strand it claims to be of."""
    pictures = {**_torn_pictures(), **_picture_bombs(), **_no_pictures(), **_odd_pictures()}
    sounds = {**_torn_sounds(), **_lying_sounds(), **_odd_sounds()}
    for name, content in {**pictures, **sounds}.items():
        (folder / name).write_bytes(content)
    corpus = dict.fromkeys(pictures, Strand.IMAGE) | dict.fromkeys(sounds, Strand.AUDIO)
    return corpus | _no_files(folder)


def png(width: int, height: int, body: bytes, *, bits: int = 8, colour: int = 2, extra: bytes = b"") -> bytes:
    """Return a PNG of a header that may say anything and a body that is compressed as given."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", zlib.compress(body))
        + chunk(b"IEND", b"")
    )


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def wav(*, channels: int = 1, rate: int = RATE, bits: int = 16, body: bytes = b"\1\2" * 500, says: int = -1) -> bytes:
    """Return a WAV whose header says what is given; `says` are the bytes of its body by the header."""
    align = channels * bits // 8
    fields = struct.pack("<HHIIHH", 1, channels % 65536, rate, rate * align % 2**32, align % 65536, bits)
    size = len(body) if says < 0 else says
    start = b"WAVEfmt " + struct.pack("<I", 16) + fields + b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", (len(start) + size) % 2**32) + start + body


def sound(kind: str, subtype: str, samples: np.ndarray, rate: int = RATE) -> bytes:
    """Return the bytes of a sound file."""
    stream = io.BytesIO()
    soundfile.write(stream, samples, rate, format=kind, subtype=subtype)
    return stream.getvalue()


def _torn_pictures() -> dict[str, bytes]:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    whole = {kind: encoded(noise, kind) for kind in KINDS}
    torn = {f"half.{kind.lower()}": content[: len(content) // 2] for kind, content in whole.items()}
    heads = {f"head.{kind.lower()}": content[:20] for kind, content in whole.items()}
    return {**torn, **heads, "one-byte.jpg": whole["JPEG"][:1], "last-byte-off.png": whole["PNG"][:-14]}


def _picture_bombs() -> dict[str, bytes]:
    zeros = b"\0" * 10_000_000
    gif = b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0"
    tiff = encoded(Image.new("1", (8, 8)), "TIFF")
    wide = struct.pack("<HHII", 256, 4, 1, 4_000_000_000)
    frames = [Image.new("P", (64, 64), number % 256) for number in range(300)]
    return {
        "bomb.png": png(100_000, 100_000, zeros),
        "bomb-in-bounds.png": png(7_000, 7_000, zeros),
        "bomb-16-bit.png": png(7_000, 7_000, zeros, bits=16),
        "bomb-max.png": png(2**31 - 1, 2**31 - 1, b""),
        "no-width.png": png(0, 10, b""),
        "line.png": png(100_000, 1, b"\0" * 300_001),
        "column.png": encoded(Image.new("L", (1, 100_000)), "PNG"),
        "text-bomb.png": png(8, 8, b"\0" * 200, extra=chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 80_000_000))),
        "icc-bomb.png": png(8, 8, b"\0" * 200, extra=chunk(b"iCCP", b"a\0\0" + zlib.compress(b"x" * 80_000_000))),
        "bomb.gif": gif + struct.pack("<HH", 65_535, 65_535) + b"\0\x08\x04\0\0\0\0\0;",
        "frames.gif": encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "bomb.tiff": _with_tag(tiff, wide),
        "bomb.bmp": b"BM" + struct.pack("<IHHI", 54, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0),
        "solid.jpg": encoded(Image.new("L", (7_000, 7_000)), "JPEG"),
    }  # fmt: skip


def _with_tag(tiff: bytes, tag: bytes) -> bytes:
    """Return a TIFF whose directory entry of the same number is another one."""
    (start,) = struct.unpack("<I", tiff[4:8])
    (count,) = struct.unpack("<H", tiff[start : start + 2])
    for place in range(start + 2, start + 2 + 12 * count, 12):
        if tiff[place : place + 2] == tag[:2]:
            return tiff[:place] + tag + tiff[place + 12 :]
    raise AssertionError("the TIFF has no such tag")


def _no_pictures() -> dict[str, bytes]:
    return {
        "vector.jpg": b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        "page.jpg": b"<!DOCTYPE html><html><body>404</body></html>",
        "empty.jpg": b"",
        "zeros.png": b"\0" * 5_000,
        "noise.webp": np.random.default_rng(2).bytes(5_000),
        "paper.png": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n",
        "script.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file\n",
        "archive.jpg": b"PK\3\4" + b"\0" * 100,
        "sound.png": sound("WAV", "PCM_16", tone(440.0, 0.1)),
        "list.xpm": b"/* XPM */ static char * a[] = {",
        "riff.webp": b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff",
    }


def _odd_pictures() -> dict[str, bytes]:
    plain = Image.new("RGB", (40, 20), "red")
    bad = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12" + b"\xff" * 60
    exif = Image.Exif()
    exif[0x0112] = 99
    return {
        "png-named.jpg": encoded(plain, "PNG"),
        "bad-exif.jpg": encoded(plain, "JPEG", exif=bad),
        "no-such-way-up.jpg": encoded(plain, "JPEG", exif=exif.tobytes()),
        "huge-icc.jpg": encoded(plain, "JPEG", icc_profile=b"\xff" * 3_000_000),
        "no-icc.png": encoded(plain, "PNG", icc_profile=b"nothing of use"),
        "rest-behind.png": encoded(plain, "PNG") + b"<script>alert(1)</script>" * 100,
        "one-pixel.gif": encoded(Image.new("P", (1, 1)), "GIF"),
    }


def _torn_sounds() -> dict[str, bytes]:
    found = {}
    noise = np.random.default_rng(3).normal(0, 0.2, RATE).astype(np.float32)
    for kind, subtype in SOUNDS:
        rate = 48_000 if subtype == "OPUS" else RATE
        content = sound(kind, subtype, noise, rate)
        found[f"half-{subtype}.{kind.lower()}"] = content[: len(content) // 2]
        found[f"head-{subtype}.{kind.lower()}"] = content[:30]
    return found


def _lying_sounds() -> dict[str, bytes]:
    return {
        "rate-0.wav": wav(rate=0),
        "rate-1.wav": wav(rate=1),
        "rate-max.wav": wav(rate=2**31 - 1),
        "rate-beyond.wav": wav(rate=2**32 - 1),
        "no-channel.wav": wav(channels=0),
        "channels-1000.wav": wav(channels=1_000, body=b"\1\2" * 20_000),
        "channels-65535.wav": wav(channels=65_535),
        "bits-0.wav": wav(bits=0),
        "bits-7.wav": wav(bits=7),
        "longer-by-header.wav": wav(says=2**32 - 1),
        "shorter-by-header.wav": wav(says=10),
        "ten-hours.wav": wav(rate=100, body=b"\0" * 2 * 100 * 36_000),
        "ten-hours.flac": sound("FLAC", "PCM_16", np.zeros(1_000 * 36_000, dtype=np.int16), 1_000),
        "hour.flac": sound("FLAC", "PCM_16", np.zeros(1_000 * 3_600, dtype=np.int16), 1_000),
        "nothing.wav": wav(body=b""),
        "one-sample.wav": wav(body=b"\1\2"),
    }


def _odd_sounds() -> dict[str, bytes]:
    samples = tone(440.0, 0.2)
    odd = {name: samples.copy() for name in ("nan", "inf", "huge")}
    odd["nan"][7], odd["inf"][7], odd["huge"][7] = np.nan, np.inf, 3e38
    mp3 = sound("MP3", "MPEG_LAYER_III", samples)
    tag = b"ID3\4\0\0" + bytes((127, 127, 127, 127))
    return {
        **{f"{name}.wav": sound("WAV", "FLOAT", values) for name, values in odd.items()},
        "tag-bomb.mp3": tag + mp3,
        "large-tag.mp3": b"ID3\4\0\0" + bytes((0, 64, 0, 0)) + b"\0" * (64 << 14) + mp3,
        "nested-tags.mp3": (b"ID3\4\0\0" + bytes(4)) * 5_000 + mp3,
        "flac-named.mp3": sound("FLAC", "PCM_16", samples),
        "picture.wav": encoded(Image.new("RGB", (40, 20)), "PNG"),
        "page.ogg": b"<html>404</html>",
        "empty.ogg": b"",
        "two-halves.ogg": sound("OGG", "VORBIS", samples)[:2_000] * 3,
        "noise.mp3": b"\xff\xfb\x90\x00" + np.random.default_rng(4).bytes(3_000),
        "silence.wav": wav(body=bytes(4_000)),
    }


def _no_files(folder: Path) -> Corpus:
    makers: dict[str, Callable[[Path], object]] = {
        "folder.png": Path.mkdir,
        "pipe.jpg": os.mkfifo,
        "round.png": lambda path: path.symlink_to(path),
        "loose.png": lambda path: path.symlink_to(folder / "gone.png"),
        "device.png": lambda path: path.symlink_to("/dev/zero"),
        "outside.png": lambda path: path.symlink_to(outside),
    }
    outside = folder.parent / "outside.png"
    Image.new("RGB", (9, 9)).save(outside)
    for name, make in makers.items():
        make(folder / name)
    with wave.open(str(folder.parent / "outside.wav"), "wb") as stream:
        stream.setparams((1, 2, RATE, 0, "NONE", ""))
        stream.writeframes(b"\1\2" * 1_000)
    (folder / "outside.wav").symlink_to(folder.parent / "outside.wav")
    return dict.fromkeys(makers, Strand.IMAGE) | {"outside.wav": Strand.AUDIO}
