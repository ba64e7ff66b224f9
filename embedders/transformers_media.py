"""Models of transformers and sentence-transformers for pictures and sounds, with the text tower some of them have."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from embedders.encoder import Vectors
from embedders.loaded_model import LoadedModel, Samples
from embedders.text import load_sentence_transformer
from embedders.transformers_loading import loading

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

LONGEST = 30.0
"""Seconds of a window, for models that do not say how long a sound they take."""


@lru_cache(maxsize=2)
def load_transformers_pictures(folder: str, _architecture: str, device: str, _fingerprint: str) -> LoadedModel:
    """Load a picture model (ViT, DINO, ConvNeXt, ...) or one of pictures and texts (CLIP, SigLIP) with its processor.

    A row is the projected picture, or the pooled output, or the mean over the patches. Raises ValueError where
    it cannot be loaded.
    """
    import torch

    model, processor = _load(folder, device, "AutoImageProcessor")
    tokenizer = _tokenizer(folder) if hasattr(model, "get_text_features") else None

    def pictures(batch: "Sequence[Image]") -> Vectors:
        pixels = processor(images=list(batch), return_tensors="pt")["pixel_values"].to(device)
        with torch.inference_mode():
            if tokenizer is not None:
                return _array(model.get_image_features(pixel_values=pixels))
            return _array(model(pixel_values=pixels))

    def texts(batch: Sequence[str]) -> Vectors:
        assert tokenizer is not None
        longest = int(model.config.text_config.max_position_embeddings)
        # SigLIP was trained on texts padded to its bound.
        padding = "max_length" if "siglip" in model.config.model_type else True
        read = tokenizer(list(batch), padding=padding, truncation=True, max_length=longest, return_tensors="pt")
        known = {name: read[name].to(device) for name in ("input_ids", "attention_mask") if name in read}
        with torch.inference_mode():
            return _array(model.get_text_features(**known))

    return LoadedModel(pictures=pictures, texts=texts if tokenizer is not None else None)


@lru_cache(maxsize=2)
def load_transformers_sounds(folder: str, _architecture: str, device: str, _fingerprint: str) -> LoadedModel:
    """Load a sound model (AST, wav2vec 2, HuBERT, ...) with its feature extractor.

    A row is the pooled output, or the mean over the frames. Raises ValueError where it cannot be loaded.
    """
    import torch

    model, extractor = _load(folder, device, "AutoFeatureExtractor")
    rate = int(extractor.sampling_rate)

    def sounds(batch: Sequence[Samples]) -> Vectors:
        # One at a time, unpadded: the mean over the frames must not know of the batch.
        rows = []
        for samples in batch:
            read = extractor(samples, sampling_rate=rate, return_tensors="pt")
            with torch.inference_mode():
                rows.append(_array(model(read[extractor.model_input_names[0]].to(device))))
        return np.concatenate(rows)

    return LoadedModel(sounds=sounds, sample_rate=rate, seconds=LONGEST)


@lru_cache(maxsize=2)
def load_sentence_transformers_pictures(folder: str, _architecture: str, device: str, _fingerprint: str) -> LoadedModel:
    """Load a model of sentence-transformers that reads pictures and texts. Raises ValueError where that fails."""
    with loading(folder):
        model = load_sentence_transformer(folder, device)

    def read(batch: "Sequence[Image] | Sequence[str]") -> Vectors:
        return np.asarray(model.encode(list(batch), prompt="", show_progress_bar=False, convert_to_numpy=True))

    return LoadedModel(pictures=read, texts=read)


def _load(folder: str, device: str, processor: str) -> tuple[Any, Any]:
    """Return a model in float32 and what prepares its inputs, by the name of its class in transformers."""
    import torch

    with loading(folder):
        import transformers

        model = transformers.AutoModel.from_pretrained(
            folder, local_files_only=True, weights_only=True, trust_remote_code=False, dtype=torch.float32
        )
        prepare = getattr(transformers, processor).from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    return model.to(device).eval(), prepare


def _tokenizer(folder: str) -> Any:
    with loading(folder):
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)


def _array(output: Any) -> Vectors:
    """Return rows (n, dimension) of what a model gave: the pooled output, or the mean over its places."""
    pooled = getattr(output, "pooler_output", None)
    if pooled is None:
        states: torch.Tensor = output if not hasattr(output, "last_hidden_state") else output.last_hidden_state
        # (n, places, width) of a transformer, (n, width, height, width) of a convolutional network
        pooled = (
            states.mean(dim=1) if states.ndim == 3 else states.flatten(2).mean(dim=2) if states.ndim == 4 else states
        )
    return np.asarray(pooled.flatten(1).float().cpu().numpy(), dtype=np.float32)
