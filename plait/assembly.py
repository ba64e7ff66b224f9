"""The only module that names concrete classes: which encoders, which index."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from embedders.bundles import BUNDLES, Bundle, make_encoder
from embedders.device import Device
from embedders.encoder import Encoder, Vectors
from embedders.items import Strand
from plait.errors import WrongCall

if TYPE_CHECKING:
    from embedders.bridge import Bridge
    from index.faiss import FaissIndex

__all__ = ["Device", "bridges_of", "build_index", "bundle_named", "encoder_of"]


def bundle_named(name: str) -> Bundle:
    """Return a bundle. Raises WrongCall that names the known ones."""
    if name not in BUNDLES:
        raise WrongCall(f"bundle {name!r} is not known; expected one of {', '.join(sorted(BUNDLES))}")
    return BUNDLES[name]


def encoder_of(bundle: str, strand: Strand, *, device: Device, allow_download: bool) -> Encoder:
    """Return the encoder of a strand; nothing is loaded yet."""
    return make_encoder(bundle_named(bundle).encoders[strand], device=device, allow_download=allow_download)


def bridges_of(encoders: Mapping[Strand, Encoder]) -> "dict[Strand, Bridge]":
    """Return a bridge for each strand whose encoder has a classifier. Loads the encoders that are asked."""
    from embedders.bridge import make_bridge
    from embedders.cnn import ImageCnnEncoder

    bridges = {}
    for strand, encoder in encoders.items():
        if isinstance(encoder, ImageCnnEncoder) and (head := encoder.class_head()) is not None:
            bridges[strand] = make_bridge(head, encoders[Strand.TEXT])
    return bridges


def build_index(vectors: Vectors, *, seed: int = 0) -> "FaissIndex":
    """Index vectors (n, dimension) with FAISS: a scan for few, a graph where it is faster."""
    from index.faiss import build_faiss

    return build_faiss(vectors, seed=seed)
