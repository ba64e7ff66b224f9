"""A file of weights, read without running anything that it holds."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def read_weights(file: str) -> "dict[str, torch.Tensor]":
    """Return the tensors of a .safetensors file, or of one that torch reads with weights_only."""
    if Path(file).suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(file)
    import torch

    stored: dict[str, torch.Tensor] = torch.load(file, map_location="cpu", weights_only=True)
    return stored
