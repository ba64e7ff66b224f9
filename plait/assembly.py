"""The only module that names concrete classes: which encoders, which index."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from embedders.bundles import BUNDLES, Bundle, make_encoder
from embedders.device import Device
from embedders.encoder import Encoder, Vectors
from embedders.items import Strand
from embedders.local_text import local_text_spec
from embedders.media_limits import MediaLimits
from plait.config import Encoders
from plait.errors import BadData, WrongCall

if TYPE_CHECKING:
    from embedders.bridge import Bridge
    from index.faiss import FaissIndex
    from index.vector_index import VectorIndex

__all__ = ["Device", "bridges_of", "build_index", "bundle_named", "encoder_of"]


def bundle_named(name: str) -> Bundle:
    """Return a bundle. Raises WrongCall that names the known ones."""
    if name not in BUNDLES:
        raise WrongCall(f"bundle {name!r} is not known; expected one of {', '.join(sorted(BUNDLES))}")
    return BUNDLES[name]


def encoder_of(
    chosen: Encoders, strand: Strand, *, device: Device, allow_download: bool, limits: MediaLimits
) -> Encoder:
    """Return the encoder of a strand; nothing is loaded yet. Raises BadData where a folder named is no text model."""
    spec = bundle_named(chosen.bundle).encoders[strand]
    if strand is Strand.TEXT and chosen.text:
        try:
            spec = local_text_spec(chosen.text)
        except ValueError as error:
            raise BadData(f"plait.toml, key encoders.text: {error}") from error
    return make_encoder(spec, device=device, allow_download=allow_download, limits=limits)


def bridges_of(encoders: Mapping[Strand, Encoder]) -> "dict[Strand, Bridge]":
    """Return a bridge for each strand whose encoder has a classifier. Loads the encoders that are asked."""
    from embedders.bridge import make_bridge
    from embedders.cnn import ImageCnnEncoder

    bridges = {}
    for strand, encoder in encoders.items():
        if isinstance(encoder, ImageCnnEncoder) and (head := encoder.class_head()) is not None:
            bridges[strand] = make_bridge(head, encoders[Strand.TEXT])
    return bridges


def build_candidate_index(vectors: Vectors) -> "VectorIndex":
    """Index vectors (n, dimension) whose nearest are scored again anyhow, in a second or less for 100,000."""
    from index.faiss import build_faiss

    return build_faiss(vectors, kind="codes")


def build_index(vectors: Vectors, *, seed: int = 0) -> "FaissIndex":
    """Index vectors (n, dimension) with FAISS: a scan for few, codes for many, a graph for very many."""
    from index.faiss import build_faiss

    return build_faiss(vectors, seed=seed)
