"""The token CNN: a text to a vector by convolutions of several widths, the strongest answer of each. Loads torch."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from plait.evaluation.peers.folded_users import FoldedUsers, tensors_of
from plait.evaluation.peers.recent_reading import HISTORY, read
from plait.evaluation.peers.word_pieces import PADDING, WordPieces
from ranker.interactions import Floats, Histories

WIDTHS = (1, 2, 3)
FILTERS = 48
TOKEN_WIDTH = 48
WIDTH = 64
DROPOUT = 0.5
AT_ONCE = 512


class TextCnn(nn.Module):
    """Items of texts `pieces`; users are folded in."""

    codes: torch.Tensor
    tokens: torch.Tensor

    def __init__(self, pieces: WordPieces) -> None:
        super().__init__()
        self.register_buffer("codes", torch.from_numpy(pieces.codes))
        self.register_buffer("tokens", torch.from_numpy(pieces.vectors))
        self.users = FoldedUsers(len(pieces.codes), WIDTH)
        self.narrow = nn.Linear(pieces.vectors.shape[1], TOKEN_WIDTH, bias=False)
        self.scale = 1.0 / max(float(np.linalg.norm(pieces.vectors, axis=1).mean()), 1e-9)
        self.filters = nn.ModuleList(nn.Conv1d(TOKEN_WIDTH, FILTERS, width, padding=width // 2) for width in WIDTHS)
        self.drop = nn.Dropout(DROPOUT)
        self.head = nn.Linear(FILTERS * len(WIDTHS), WIDTH + 1)

    def encode(self, items: torch.Tensor) -> torch.Tensor:
        """Return (n, WIDTH + 1) vectors of items (n,), the last column a bias."""
        codes = self.codes[items]
        lengths = (codes != PADDING).sum(1)
        codes = codes[:, : max(int(lengths.max()), 1)]
        known, places = torch.unique(codes, return_inverse=True)
        rows = self.narrow(self.tokens[known] * self.scale)[places].transpose(1, 2)
        heard = torch.cat(
            [
                _strongest(convolve(rows), (lengths + 2 * (width // 2) - width + 1) * (lengths > 0))
                for width, convolve in zip(WIDTHS, self.filters, strict=True)
            ],
            dim=1,
        )
        vectors: torch.Tensor = self.head(self.drop(heard))
        return vectors

    def forward(self, items: torch.Tensor, shares: torch.Tensor, candidates: torch.Tensor) -> torch.Tensor:
        """Return logits (m, c) of users read as places and shares (m, entries), and candidates (c,) of them all."""
        vectors = self.encode(candidates)
        logits: torch.Tensor = self.users(items, shares) @ vectors[:, :-1].T + vectors[:, -1]
        return logits

    @torch.inference_mode()
    def fitted(self, time_constant: float) -> "FittedTextCnn":
        """Return the model as it is now."""
        count = len(self.codes)
        parts = [self.encode(torch.arange(start, min(start + AT_ONCE, count))) for start in range(0, count, AT_ONCE)]
        return FittedTextCnn(self.users, torch.cat(parts).numpy(), time_constant)


def _strongest(answers: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """Return (n, filters) the greatest of the first `counts` (n,) of answers (n, filters, places), at least 0.

    What is heard behind a text's end would depend on how long the other texts of a lot are.
    """
    inside = torch.arange(answers.shape[2]) < counts[:, None]
    return (torch.relu(answers) * inside[:, None]).amax(-1)


@dataclass(frozen=True, slots=True)
class FittedTextCnn:
    """Vectors of texts (items, WIDTH + 1) and how users are folded in."""

    users: FoldedUsers
    vectors: Floats
    time_constant: float

    @torch.inference_mode()
    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) inner products and biases."""
        readings = read(histories.recent(HISTORY), len(self.vectors), self.time_constant)
        users = self.users(*tensors_of(readings)).numpy()
        return np.asarray(users @ self.vectors[:, :-1].T + self.vectors[:, -1], dtype=np.float32)
