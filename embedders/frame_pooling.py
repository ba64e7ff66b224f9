"""Frame pooling: a switch of the sound encoder, a file of what a GRU with attention learnt beside the mean of frames.

Off unless it is named. On ESC-10, learnt from the captions of the other folds, it found no more than the mean does:
docs/benchmarks.md, "What hears a sound".
"""

import hashlib
from dataclasses import replace
from pathlib import Path

from embedders.encoder_spec import EncoderSpec

HIDDEN = 64
"""Numbers that it adds to a vector."""


def with_pooling(spec: EncoderSpec, file: str) -> EncoderSpec:
    """Return the encoder of sounds `spec` with the pooling of `file` beside its own; nothing of it is loaded.

    Raises ValueError for an encoder that has no frames, and for a file that is no pooling of such frames.
    """
    from safetensors import SafetensorError, safe_open

    if spec.kind != "spectrogram-cnn":
        raise ValueError(f"audio model {spec.model} has no frames to pool; expected a bundle's network on spectrograms")
    if not Path(file).is_file():
        raise ValueError(f"{file} is not a file of frame pooling")
    try:
        with safe_open(file, framework="numpy") as stored:
            width = stored.get_slice("shift").get_shape()[0]
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{file} holds no pooling of frames") from error
    if width != spec.dimension:
        raise ValueError(f"{file} pools frames of {width} numbers; those of {spec.model} have {spec.dimension}")
    weights, _, version = spec.fingerprint.rpartition(":")
    with Path(file).open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()[:16]
    return replace(spec, dimension=spec.dimension + HIDDEN, fingerprint=f"{weights}:{digest}:{version}", pooling=file)
