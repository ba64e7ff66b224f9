"""Encoders that are made once a session: the bundled ones, and CLIP and BERT in miniature."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import torch

from embedders.bundles import LITE0_PICTURES, LITE0_SOUNDS, MINILM, EncoderSpec, make_encoder
from embedders.encoder import Encoder
from embedders.items import Strand
from tests.embedders.media_files import sounds, stripes
from tests.embedders.tiny_models import tiny_clip


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Share the machine; one thread is also no slower on models this small."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@dataclass(frozen=True)
class Subject:
    """An encoder with contents it can read, all different."""

    spec: EncoderSpec
    encoder: Encoder
    contents: list[str]


TEXTS = [
    "a warm red scarf",
    "green tea",
    "a very long description of a wooden chair, " * 30,
    "Wolle",
    "東京の地図",
    "!",
    "a cup of coffee and a newspaper on a rainy morning",
]


@pytest.fixture(scope="session")
def picture_files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return stripes(tmp_path_factory.mktemp("pictures"), 7)


@pytest.fixture(scope="session")
def sound_files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return sounds(tmp_path_factory.mktemp("sounds"), 7)


@pytest.fixture(scope="session")
def clip_spec(tmp_path_factory: pytest.TempPathFactory) -> EncoderSpec:
    folder = tiny_clip(tmp_path_factory.mktemp("clip"))
    return EncoderSpec(Strand.IMAGE, "open-clip", f"local-dir:{folder}", 24, "image:tiny-clip:1", "none", 1)


@pytest.fixture(scope="session", params=["text", "cnn", "spectrogram", "clip"])
def subject(
    request: pytest.FixtureRequest, clip_spec: EncoderSpec, picture_files: list[str], sound_files: list[str]
) -> Subject:
    spec, contents = {
        "text": (MINILM, TEXTS),
        "cnn": (LITE0_PICTURES, picture_files),
        "spectrogram": (LITE0_SOUNDS, sound_files),
        "clip": (clip_spec, picture_files),
    }[request.param]
    return Subject(spec, make_encoder(spec), contents)
