"""Where a model runs."""

from typing import Literal

Device = Literal["auto", "cpu", "cuda"]


def resolve(device: Device) -> str:
    """Return "cpu" or "cuda"; auto takes CUDA where it is. Raises ValueError where CUDA is asked for and absent."""
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device is 'cuda', but torch finds no CUDA device; expected 'auto' or 'cpu'")
    return "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"
