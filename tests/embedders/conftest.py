"""Encoders that are made once a session: the bundled ones, and CLIP and BERT in miniature."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import torch

from embedders.bundles import LITE0_PICTURES, LITE0_SOUNDS, MINILM, EncoderSpec, make_encoder
from embedders.encoder import Encoder
from embedders.items import Strand
from embedders.model_encoders import tower_spec
from embedders.own_encoder import EncoderChoice, own_spec
from tests.embedders.media_files import sounds, stripes
from tests.embedders.tiny_models import (
    tiny_clap,
    tiny_clip,
    tiny_hf_clip,
    tiny_llm,
    tiny_timm,
    tiny_torchvision,
    tiny_vit,
    tiny_wav2vec,
)


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
    return own_spec(Strand.IMAGE, EncoderChoice(str(tiny_clip(tmp_path_factory.mktemp("clip")))))


@pytest.fixture(scope="session")
def clap_spec(tmp_path_factory: pytest.TempPathFactory) -> EncoderSpec:
    return own_spec(Strand.AUDIO, EncoderChoice(str(tiny_clap(tmp_path_factory.mktemp("clap"), pickled=True))))


@pytest.fixture(scope="session")
def llm_spec(tmp_path_factory: pytest.TempPathFactory) -> EncoderSpec:
    folder = tiny_llm(tmp_path_factory.mktemp("llm"), prompts={"query": "Instruct: find\nQuery:", "document": ""})
    return own_spec(Strand.TEXT, EncoderChoice(str(folder), truncate_dim=20))


@pytest.fixture(scope="session")
def other_specs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, EncoderSpec]:
    made = tmp_path_factory.mktemp("other")
    shuffle = EncoderChoice(
        "shufflenet_v2_x0_5", library="torchvision", weights=str(tiny_torchvision(made / "shuffle.pth")), dimension=1024
    )
    timm = EncoderChoice(str(tiny_timm(made / "timm")))
    return {
        "timm": own_spec(Strand.IMAGE, timm),
        "timm sounds": own_spec(Strand.AUDIO, timm),
        "torchvision": own_spec(Strand.IMAGE, shuffle),
        "torchvision sounds": own_spec(Strand.AUDIO, shuffle),
        "vit": own_spec(Strand.IMAGE, EncoderChoice(str(tiny_vit(made / "vit")))),
        "clip of transformers": own_spec(Strand.IMAGE, EncoderChoice(str(tiny_hf_clip(made / "hf_clip")))),
        "wav2vec": own_spec(Strand.AUDIO, EncoderChoice(str(tiny_wav2vec(made / "wav2vec")))),
    }


KINDS = [
    "text", "cnn", "spectrogram", "clip", "clip texts", "clap", "clap texts", "llm", "timm", "timm sounds",
    "torchvision", "torchvision sounds", "vit", "clip of transformers", "wav2vec",
]  # fmt: skip


@pytest.fixture(scope="session", params=KINDS)
def subject(
    request: pytest.FixtureRequest, clip_spec: EncoderSpec, clap_spec: EncoderSpec, llm_spec: EncoderSpec,
    other_specs: dict[str, EncoderSpec], picture_files: list[str], sound_files: list[str],
) -> Subject:  # fmt: skip
    spec = {
        "text": MINILM, "cnn": LITE0_PICTURES, "spectrogram": LITE0_SOUNDS, "llm": llm_spec,
        "clip": clip_spec, "clip texts": tower_spec(clip_spec), "clap": clap_spec, "clap texts": tower_spec(clap_spec),
        **other_specs,
    }[request.param]  # fmt: skip
    contents = {Strand.TEXT: TEXTS, Strand.IMAGE: picture_files, Strand.AUDIO: sound_files}[spec.strand]
    return Subject(spec, make_encoder(spec), contents)
