"""The network of SASRec. Loads torch."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from index.vector_index import Rows
from ranker.interactions import Floats, Histories

WIDTH = 64
HEADS = 2
BLOCKS = 2
USERS_AT_ONCE = 256


class Block(nn.Module):
    """Causal self-attention and a feed-forward layer, each on normed rows and added to what came in."""

    def __init__(self, dropout: float, width: int) -> None:
        super().__init__()
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.read = nn.Linear(width, 3 * width)
        self.write = nn.Linear(width, width)
        self.think = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Dropout(dropout), nn.Linear(width, width))
        self.drop = nn.Dropout(dropout)
        self.dropout = dropout

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return (m, length, width) of the same; no place reads a later one."""
        users, length, width = rows.shape
        read = self.read(self.before(rows)).view(users, length, 3, HEADS, width // HEADS)
        asked, keys, values = read.permute(2, 0, 3, 1, 4).unbind(0)
        dropout = self.dropout if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(asked, keys, values, dropout_p=dropout, is_causal=True)
        rows = rows + self.drop(self.write(mixed.transpose(1, 2).reshape(users, length, width)))
        thought: torch.Tensor = rows + self.drop(self.think(self.between(rows)))
        return thought


class SasRecNetwork(nn.Module):
    """Reads sequences of item places; `item_count` is the start token. Items read and predicted share embeddings."""

    def __init__(self, item_count: int, *, length: int, dropout: float, width: int = WIDTH) -> None:
        super().__init__()
        self.item_count, self.length, self.width = item_count, length, width
        self.items = nn.Embedding(item_count + 1, width)
        self.positions = nn.Parameter(torch.zeros(length, width))
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.Sequential(*(Block(dropout, width) for _ in range(BLOCKS)))
        self.norm = nn.LayerNorm(width)
        nn.init.normal_(self.items.weight, std=0.02)

    def forward(self, read: torch.Tensor) -> torch.Tensor:
        """Return (m, length, width) what is expected after each place of `read` (m, length)."""
        rows = self.items(read) * self.width**0.5 + self.positions[: read.shape[1]]
        expected: torch.Tensor = self.norm(self.blocks(self.drop(rows)))
        return expected

    def logits(self, expected: torch.Tensor) -> torch.Tensor:
        """Return (..., items) of expected (..., width)."""
        return expected @ self.items.weight[: self.item_count].T

    @torch.inference_mode()
    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) the logits of what comes after the last `length` events."""
        scores = np.empty((len(histories), self.item_count), dtype=np.float32)
        for start in range(0, len(histories), USERS_AT_ONCE):
            rows = np.arange(start, min(start + USERS_AT_ONCE, len(histories)))
            read, last = self._sequences(histories.take(rows))
            expected = self(torch.from_numpy(read))[torch.arange(len(rows)), torch.from_numpy(last)]
            scores[rows] = self.logits(expected).numpy()
        return scores

    def _sequences(self, histories: Histories) -> tuple[Rows, Rows]:
        """Return the last `length` of start token and events (m, length), padded behind, and the last place (m,)."""
        read = np.full((len(histories), self.length), self.item_count, dtype=np.int64)
        last = np.minimum(histories.lengths, self.length - 1)
        for row, (start, stop) in enumerate(zip(histories.offsets[:-1], histories.offsets[1:], strict=True)):
            whole = np.concatenate(([self.item_count], histories.items[start:stop]))[-self.length :]
            read[row, : len(whole)] = whole
        return read, last


def loss_of(network: SasRecNetwork, read: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return the mean cross-entropy over the whole catalogue, of places that want something (-1: nothing)."""
    chosen = wanted >= 0
    return functional.cross_entropy(network.logits(network(read)[chosen]), wanted[chosen])
