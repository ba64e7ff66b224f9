"""TextEncoder: words to a vector by any model of the sentence-transformers family."""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embedders.device import Device, resolve
from embedders.encoder import Vectors
from embedders.items import Strand

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 32


class TextEncoder:
    """Encodes texts with a sentence-transformers model (BERT to LLM embedders) from a folder or by name."""

    strand = Strand.TEXT

    def __init__(
        self, model: str, *, dimension: int, fingerprint: str, device: Device = "auto", allow_download: bool = False
    ) -> None:
        """Name the model; its weights are loaded by the first `encode`, and fetched only if `allow_download`."""
        self.model = model
        self.dimension = dimension
        self.fingerprint = fingerprint
        self._device: Device = device
        self._allow_download = allow_download

    @cached_property
    def _loaded(self) -> "SentenceTransformer":
        # The tokenizer's own threads cannot be forked safely and gain nothing on short texts.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        model = self.model if self._allow_download else self._folder()
        return SentenceTransformer(
            model, device=resolve(self._device), local_files_only=not self._allow_download, trust_remote_code=False
        )

    def _folder(self) -> str:
        """Return the folder of the model, out of the hub's cache where it is a name; no connection is tried."""
        if Path(self.model).is_dir():
            return self.model
        from huggingface_hub import snapshot_download

        name = self.model if "/" in self.model else f"sentence-transformers/{self.model}"
        try:
            return snapshot_download(name, local_files_only=True)
        except (OSError, ValueError) as error:
            raise ValueError(f"text model {self.model} is not on this machine; --allow-download fetches it") from error

    def encode(self, contents: Sequence[str]) -> Vectors:
        """Encode texts to (n, dimension) unit rows; long texts are cut at the model's own bound.

        Raises ValueError where the model gives vectors of another dimension than it was said to.
        """
        if not contents:
            return np.zeros((0, self.dimension), dtype=np.float32)
        encoded = self._loaded.encode(
            # Half a surrogate pair, which JSON can hold, has no bytes and stops the tokenizer.
            [text.encode(errors="replace").decode() for text in contents],
            batch_size=BATCH,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        if encoded.shape[1] != self.dimension:
            raise ValueError(f"dimension is {self.dimension}, but {self.model} gives {encoded.shape[1]}")
        return np.asarray(encoded, dtype=np.float32)
