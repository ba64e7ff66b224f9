"""Folded users: vectors of users out of their readings, so that nobody need be known. Loads torch."""

import torch
from torch import nn
from torch.nn import functional

from plait.evaluation.peers.recent_reading import Readings


class FoldedUsers(nn.Module):
    """Users as sums of vectors of the items they met: p_u = p + sum_i share_i y_i (Koren 2008; Kabbur et al. 2013)."""

    def __init__(self, item_count: int, width: int) -> None:
        super().__init__()
        self.said = nn.Parameter(torch.randn(item_count + 1, width) * 0.1)
        self.nobody = nn.Parameter(torch.randn(width) * 0.1)

    def forward(self, items: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
        """Return (m, width) of places and shares (m, entries)."""
        if not items.shape[1]:
            return self.nobody.expand(len(items), -1)
        return self.nobody + functional.embedding_bag(items, self.said, per_sample_weights=shares, mode="sum")


def tensors_of(readings: Readings) -> tuple[torch.Tensor, torch.Tensor]:
    """Return places and shares as FoldedUsers takes them."""
    return torch.from_numpy(readings.items), torch.from_numpy(readings.shares)
