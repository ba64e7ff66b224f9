"""ClipEncoder: pictures to a vector by the picture tower of an open_clip model."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from embedders.device import Device, resolve
from embedders.encoder import Vectors
from embedders.items import Strand
from embedders.media_limits import DEFAULT_LIMITS, MediaLimits
from embedders.pictures import read_image

if TYPE_CHECKING:
    import torch

BATCH = 16


class ClipEncoder:
    """Encodes picture files with open_clip: a known model name, or `local-dir:FOLDER` with its config and weights."""

    strand = Strand.IMAGE

    def __init__(
        self, model: str, weights: str, *, dimension: int, fingerprint: str, device: Device = "auto",
        allow_download: bool = False, limits: MediaLimits = DEFAULT_LIMITS,
    ) -> None:  # fmt: skip
        """Name the model and its weights: a file, or the tag of weights that open_clip fetches."""
        self.dimension = dimension
        self.fingerprint = fingerprint
        self._name, self._weights = model, weights
        self._device: Device = device
        self._allow_download = allow_download
        self._limits = limits

    @cached_property
    def _loaded(self) -> tuple[Any, Callable[[Any], "torch.Tensor"]]:
        from pathlib import Path

        import open_clip

        local = self._name.startswith("local-dir:") or Path(self._weights).is_file()
        if not local and not self._allow_download:
            raise ValueError(f"CLIP weights {self._weights} are not on this machine; --allow-download fetches them")
        model, _, prepare = open_clip.create_model_and_transforms(
            self._name, pretrained=self._weights or None, device=resolve(self._device), weights_only=True
        )
        return model.eval(), prepare

    def encode(self, contents: Sequence[str]) -> Vectors:
        """Encode picture files to (n, dimension) unit rows.

        Raises MediaError for the first that cannot be read, ValueError where the model gives another dimension.
        """
        vectors = np.zeros((len(contents), self.dimension), dtype=np.float32)
        if not contents:
            return vectors
        import torch

        model, prepare = self._loaded
        for start in range(0, len(contents), BATCH):
            paths = contents[start : start + BATCH]
            batch = torch.stack([prepare(read_image(path, self._limits)) for path in paths])
            with torch.inference_mode():
                encoded = model.encode_image(batch.to(next(model.parameters()).device), normalize=True)
            if encoded.shape[1] != self.dimension:
                raise ValueError(f"dimension is {self.dimension}, but {self._name} gives {encoded.shape[1]}")
            vectors[start : start + BATCH] = encoded.float().cpu().numpy()
        return vectors
