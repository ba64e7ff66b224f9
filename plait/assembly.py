"""The only module that names concrete classes: which encoders, which index."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from embedders.bundles import BUNDLES, Bundle, make_encoder
from embedders.device import Device
from embedders.encoder import Encoder, Vectors
from embedders.frame_pooling import with_pooling
from embedders.items import Strand
from embedders.kept_words import KeptWords
from embedders.media_limits import MediaLimits
from embedders.own_encoder import EncoderChoice, own_spec
from embedders.vector_cache import VectorCache
from plait.config import Encoders
from plait.errors import BadData, WrongCall

if TYPE_CHECKING:
    from embedders.bridge import Bridge
    from index.faiss import FaissIndex
    from index.vector_index import VectorIndex

__all__ = ["BUNDLES", "Device", "bridges_of", "build_index", "bundle_named", "encoder_of"]


def bundle_named(name: str) -> Bundle:
    """Return a bundle. Raises WrongCall that names the known ones."""
    if name not in BUNDLES:
        raise WrongCall(f"bundle {name!r} is not known; expected one of {', '.join(sorted(BUNDLES))}")
    return BUNDLES[name]


def encoder_of(
    chosen: Encoders, strand: Strand, *, folder: Path, device: Device, allow_download: bool, limits: MediaLimits
) -> Encoder:
    """Return the encoder of a strand; nothing is loaded yet. Relative paths are beneath `folder`, the workspace's.

    Raises BadData where what is named is no such model.
    """
    spec = bundle_named(chosen.bundle).encoders[strand]
    own = {Strand.TEXT: chosen.text, Strand.IMAGE: chosen.image, Strand.AUDIO: chosen.audio}[strand]
    key = strand.value
    try:
        if own is not None:
            choice = _within(folder.absolute(), EncoderChoice(**own.model_dump()))
            spec = own_spec(strand, choice, allow_download=allow_download)
        if strand is Strand.AUDIO and chosen.sound_pooling:
            key = "sound_pooling"
            spec = with_pooling(spec, str(folder.absolute() / Path(chosen.sound_pooling).expanduser()))
    except ValueError as error:
        raise BadData(f"plait.toml, key encoders.{key}: {error}") from error
    return make_encoder(spec, device=device, allow_download=allow_download, limits=limits)


def _within(folder: Path, choice: EncoderChoice) -> EncoderChoice:
    """Return a choice whose paths are absolute; a model that is no folder beneath `folder` stays a name."""
    weights = str(folder / Path(choice.weights).expanduser()) if choice.weights else ""
    path = folder / Path(choice.model).expanduser()
    is_path = choice.model.startswith((".", "~")) or (path.is_dir() and not weights)
    return replace(choice, model=str(path) if is_path else choice.model, weights=weights)


def bridges_of(encoders: Mapping[Strand, Encoder], cache: VectorCache) -> "dict[Strand, Bridge]":
    """Return a bridge for each strand whose encoder has a classifier. Loads the encoders that are asked.

    The names of the classes are encoded once, and kept in the cache.
    """
    from embedders.bridge import make_bridge
    from embedders.cnn import ImageCnnEncoder

    bridges = {}
    for strand, encoder in encoders.items():
        if isinstance(encoder, ImageCnnEncoder) and (head := encoder.class_head()) is not None:
            bridges[strand] = make_bridge(head, KeptWords(encoders[Strand.TEXT], cache))
    return bridges


def common_words() -> tuple[str, ...]:
    """Return words for what may be asked of a catalogue that has no text: the names of ImageNet's classes."""
    from timm.data.imagenet_info import ImageNetInfo

    return tuple(ImageNetInfo().label_descriptions())


def build_candidate_index(vectors: Vectors) -> "VectorIndex":
    """Index vectors (n, dimension) whose nearest are scored again anyhow, in a second or less for 100,000."""
    from index.faiss import build_faiss

    return build_faiss(vectors, kind="codes")


def build_index(vectors: Vectors, *, seed: int = 0, scan: bool = False) -> "FaissIndex":
    """Index vectors (n, dimension) with FAISS: a scan for few, codes for many, a graph for very many.

    With `scan` it is a scan, which is exact, for however many.
    """
    from index.faiss import build_faiss

    return build_faiss(vectors, kind="flat" if scan else "auto", seed=seed)
