"""Models of open_clip: pictures and texts into one space."""

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embedders.encoder import Vectors
from embedders.loaded_model import LoadedModel

if TYPE_CHECKING:
    from PIL.Image import Image

SETTINGS = "open_clip_config.json"


@lru_cache(maxsize=2)
def load_open_clip(weights: str, architecture: str, device: str, _fingerprint: str) -> LoadedModel:
    """Load a folder with open_clip's own config and weights, or a file of weights of a known `architecture`.

    Weights are safetensors, or are read by torch with weights_only. Raises ValueError where they do not fit, and
    where the text tower would be fetched from elsewhere.
    """
    import open_clip
    import torch

    _check_whole(weights, architecture)
    folder = Path(weights).is_dir()
    name = f"local-dir:{weights}" if folder else architecture
    try:
        model, _, prepare = open_clip.create_model_and_transforms(
            name, pretrained=None if folder else weights, device=device, weights_only=True
        )
        tokenizer = open_clip.get_tokenizer(name)
    except (RuntimeError, OSError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(f"open_clip model {weights} cannot be loaded: {reason:.200}") from error
    model.eval()

    def pictures(batch: "Sequence[Image]") -> Vectors:
        with torch.inference_mode():
            encoded = model.encode_image(torch.stack([prepare(one) for one in batch]).to(device), normalize=True)
        return np.asarray(encoded.float().cpu().numpy())

    def texts(batch: Sequence[str]) -> Vectors:
        with torch.inference_mode():
            encoded = model.encode_text(tokenizer(list(batch)).to(device), normalize=True)
        return np.asarray(encoded.float().cpu().numpy())

    return LoadedModel(pictures=pictures, texts=texts)


def _check_whole(weights: str, architecture: str) -> None:
    """Raise ValueError for a model whose text tower or tokenizer open_clip would look for on the hub."""
    if Path(weights).is_dir():
        config = json.loads((Path(weights) / SETTINGS).read_text(encoding="utf-8"))["model_cfg"]
        whole = "hf_model_name" not in config["text_cfg"]
    else:
        config = open_clip_config(architecture)
        whole = not {"hf_model_name", "hf_tokenizer_name"} & set(config["text_cfg"])
    if not whole:
        raise ValueError(f"open_clip model {architecture or weights} takes its text tower from elsewhere; "
                         "expected a model that holds it")  # fmt: skip


def clip_repository(model: str) -> str:
    """Return the name by which the hub knows what open_clip calls ARCHITECTURE/TAG; other names are the hub's own."""
    architecture, _, tag = model.partition("/")
    if not tag or Path(model).is_absolute():
        return model
    import open_clip

    known = open_clip.get_pretrained_cfg(architecture, tag)
    return str(known["hf_hub"]).rstrip("/") if known.get("hf_hub") else model


def open_clip_config(architecture: str) -> dict[str, dict[str, object]]:
    """Return what open_clip says of an architecture. Raises ValueError for one it does not know."""
    import open_clip

    config = open_clip.get_model_config(architecture)
    if config is None:
        raise ValueError(f"open_clip knows no architecture {architecture}")
    return dict(config)
