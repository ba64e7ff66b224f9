"""The network of CF-CNN. Loads torch."""

import torch
from torch import nn

from plait.evaluation.peers.folded_users import FoldedUsers
from ranker.interactions import Floats

WIDTH = 16
CHANNELS = 8
HIDDEN = 16
DROPOUT = 0.2


class CfCnnNetwork(nn.Module):
    """cf + cnn of users and of items with `features` (items, F)."""

    features: torch.Tensor

    def __init__(self, features: Floats) -> None:
        super().__init__()
        count = len(features)
        self.register_buffer("features", torch.from_numpy(features.astype("float32")))
        self.users = FoldedUsers(count, WIDTH)
        self.user_biases = FoldedUsers(count, 1)
        self.items = nn.Embedding(count, WIDTH)
        self.item_biases = nn.Parameter(torch.zeros(count))
        self.bias = nn.Parameter(torch.zeros(()))
        self.of_features = nn.Linear(features.shape[1], WIDTH)
        self.first = nn.Conv2d(1, CHANNELS, 3, padding=1)
        self.second = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=(0, 1))
        self.head = nn.Sequential(
            nn.ReLU(), nn.Flatten(), nn.Dropout(DROPOUT), nn.Linear(CHANNELS * WIDTH, HIDDEN), nn.ReLU(),
            nn.Linear(HIDDEN, 1),
        )  # fmt: skip
        nn.init.normal_(self.items.weight, std=0.1)

    def forward(self, items: torch.Tensor, shares: torch.Tensor, candidates: torch.Tensor) -> torch.Tensor:
        """Return logits (m, c) of users read as places and shares (m, entries).

        Candidates are (m, c), each user's own, or (c,), the same for all.
        """
        users = self.users(items, shares)
        cf = (self.items(candidates) @ users[:, :, None])[..., 0] + self.item_biases[candidates]
        logits: torch.Tensor = cf + self.user_biases(items, shares) + self.bias + self._cnn(users, candidates)
        return logits

    def _cnn(self, users: torch.Tensor, candidates: torch.Tensor) -> torch.Tensor:
        """Return (m, c) what the convolutions say of pictures whose rows are user, item and features.

        The first convolution is linear: that of a picture is that of its user's row and that of its item's rows
        added, each made once. Channels come last, which convolutions of small pictures are several times faster on.
        """
        known, places = torch.unique(candidates, return_inverse=True)
        items = torch.stack([self.items(known), self.of_features(self.features[known])], dim=1)
        by_item = self._first(nn.functional.pad(items, (0, 0, 1, 0)), None)
        by_user = self._first(nn.functional.pad(users[:, None], (0, 0, 0, 2)), self.first.bias)
        pictures = torch.relu(by_user[:, None] + by_item[places]).flatten(0, 1)
        said: torch.Tensor = self.head(self.second(pictures.permute(0, 3, 1, 2)))
        return said.view(len(users), -1)

    def _first(self, rows: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        """Return (n, 3, WIDTH, CHANNELS) of pictures (n, 3, WIDTH)."""
        heard = nn.functional.conv2d(rows[:, None], self.first.weight, bias, padding=1)
        return heard.permute(0, 2, 3, 1).contiguous()
