"""Hostile media: each is read or refused in one line, in bounded memory and time, and none stops the others."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from embedders.encoder import Vectors
from embedders.encoding import encode_cached
from embedders.items import Strand
from embedders.media import MediaError, audio_windows, check_media, read_image
from embedders.vector_cache import VectorCache
from plait.catalog import read_items
from plait.tables import open_table
from tests.embedders.hostile_media import Corpus, make_corpus

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 450_000_000
"""Bytes the process may grow by: a picture of 50 million pixels in two copies, and the libraries."""
SECONDS = 60
READABLE = {
    "last-byte-off.png", "frames.gif", "solid.jpg", "png-named.jpg", "bad-exif.jpg", "no-such-way-up.jpg",
    "huge-icc.jpg", "no-icc.png", "rest-behind.png", "one-pixel.gif", "outside.png", "flac-named.mp3", "hour.flac",
    "longer-by-header.wav", "one-sample.wav", "silence.wav", "channels-1000.wav", "large-tag.mp3", "outside.wav",
}  # fmt: skip
"""What must be read; of the rest some formats make more than others (a sound cut short is a shorter sound)."""
LENIENT = {
    "half-PCM_16.wav", "half-MPEG_LAYER_III.mp3", "half-VORBIS.ogg", "half-OPUS.ogg", "half-PCM_16.flac", "rate-1.wav",
    "rate-max.wav", "bits-7.wav", "shorter-by-header.wav", "huge.wav", "nested-tags.mp3", "tag-bomb.mp3", "noise.mp3",
    "two-halves.ogg", "channels-65535.wav", "rate-beyond.wav", "text-bomb.png", "icc-bomb.png",
}  # fmt: skip
READER = """
import json, resource, sys
from pathlib import Path
from embedders.items import Strand
from embedders.media import MediaError, audio_windows, check_media, read_image

def read(path, strand):
    check_media(path, strand)
    if strand is Strand.IMAGE:
        return sum(read_image(path).size)
    return sum(len(window) for window in audio_windows(path, sample_rate=22_050, seconds=10.0))

def peak():
    # Of this process: ru_maxrss begins with what the one that began it had.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024

import PIL.Image, soundfile, soxr
before = peak()
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
said = {}
for name, strand in json.loads(sys.argv[2]).items():
    try:
        said[name] = ["read", read(str(Path(sys.argv[1]) / name), Strand(strand))]
    except MediaError as error:
        said[name] = ["refused", str(error)]
print(json.dumps({"said": said, "grown": peak() - before}))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hostile") / "media"
    made.mkdir()
    return made


@pytest.fixture(scope="module")
def corpus(folder: Path) -> Corpus:
    return make_corpus(folder)


def read_in_a_process(folder: Path, corpus: Corpus) -> dict[str, object]:
    """Read all of it in one process that a file too much would end."""
    command = [sys.executable, "-c", READER, str(folder), json.dumps(corpus)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_each_is_read_or_refused_in_one_line_in_bounded_memory(folder: Path, corpus: Corpus) -> None:
    assert len(corpus) >= 60
    found = read_in_a_process(folder, corpus)
    grown, said = found["grown"], found["said"]
    assert isinstance(grown, int)
    assert isinstance(said, dict)
    assert said.keys() == corpus.keys()
    read = {name for name, (what, _) in said.items() if what == "read"}
    assert read >= READABLE
    assert read <= READABLE | LENIENT
    for name, (what, line) in said.items():
        if what == "refused":
            assert line.startswith(name), line
            assert "\n" not in line
            assert len(line) < 250
            assert str(folder) not in line
    assert grown < MEMORY


@dataclass
class Decoding:
    """An encoder that decodes and does nothing else."""

    strand: Strand
    dimension: int = 2
    fingerprint: str = "decoding:1"
    read: list[str] = field(default_factory=list)

    def encode(self, contents: Sequence[str]) -> Vectors:
        for path in contents:
            if self.strand is Strand.IMAGE:
                read_image(path)
            else:
                sum(len(window) for window in audio_windows(path, sample_rate=22_050, seconds=10.0))
            self.read.append(path)
        return np.tile(np.asarray([1.0, 0.0], dtype=np.float32), (len(contents), 1))


def test_none_stops_a_build_that_skips(folder: Path, corpus: Corpus, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"item_id": name, strand.value: name} for name, strand in corpus.items()]
    read = list(read_items(open_table(rows, "items"), {}, media_root=folder, check_media=check_media))
    refused = {str(row.error) for row in read if row.error is not None}
    items = [row.value for row in read if row.value is not None]
    assert len(refused) + len(items) == len(corpus)
    assert any("outside.png lies outside the media root" in line for line in refused)
    assert any("outside.wav lies outside the media root" in line for line in refused)
    cache = VectorCache(tmp_path)
    for strand in (Strand.IMAGE, Strand.AUDIO):
        told: list[str] = []
        having = [item for item in items if item.content(strand)]
        refuse = partial(_tell, told)
        encoded = encode_cached(
            Decoding(strand), [item.content(strand) for item in having], cache, on_media_error=refuse
        )
        kept = {item.item_id for item, digest in zip(having, encoded.hashes, strict=True) if digest}
        assert {name for name in READABLE if corpus[name] is strand and "outside" not in name} <= kept
        assert len(kept) + len(told) == len(having)


def _tell(told: list[str], _place: int, error: MediaError) -> None:
    told.append(str(error))
