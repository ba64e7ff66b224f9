"""SpecEncoder: what encoders around a loaded model share: what the spec says, known before anything is loaded."""

import threading

from embedders.device import Device
from embedders.encoder_spec import EncoderSpec
from embedders.items import Strand


class SpecEncoder:
    """Strand, dimension and fingerprint are those of the spec; weights wait for the first `encode`."""

    def __init__(self, spec: EncoderSpec, *, device: Device = "auto", allow_download: bool = False) -> None:
        """Name the model; its weights are fetched only if `allow_download`."""
        self.spec = spec
        self._device: Device = device
        self._allow_download = allow_download
        self._tokenizing = threading.Lock()
        """Held while a tokenizer is used: it keeps how it cuts and pads in itself, and two threads mix that up."""

    @property
    def strand(self) -> Strand:
        """The strand this encoder reads."""
        return self.spec.strand

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.spec.dimension

    @property
    def fingerprint(self) -> str:
        """Names weights, prompts and truncation."""
        return self.spec.fingerprint
