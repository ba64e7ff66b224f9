"""Dropout that draws bytes from a generator of its own: torch's draws on a processor took a quarter of the training.

Loads torch.
"""

import threading

import numpy as np
import torch
from torch import nn

LEVELS = 256


class Chance(threading.local):
    """From where layers draw in training; `draw` is set anew before each step, and each thread has its own."""

    def __init__(self) -> None:
        self.draw = np.random.Generator(np.random.SFC64(0))

    def kept(self, shape: tuple[int, ...], share: float) -> torch.Tensor:
        """Return float32 of `shape`: 0 for a drawn `share`, to the nearest of 256, else what keeps the mean at 1."""
        lost = min(round(share * LEVELS), LEVELS - 1)
        drawn = np.frombuffer(self.draw.bytes(int(np.prod(shape))), dtype=np.uint8) >= lost
        return torch.from_numpy(drawn).reshape(shape).to(torch.float32).mul_(LEVELS / (LEVELS - lost))


class Dropout(nn.Module):
    """Zeroes a share of numbers in training (Srivastava et al. 2014)."""

    def __init__(self, share: float, chance: Chance) -> None:
        super().__init__()
        self.share, self.chance = share, chance

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return rows of the same shape."""
        if not self.training or not self.share:
            return rows
        return rows * self.chance.kept(tuple(rows.shape), self.share)
