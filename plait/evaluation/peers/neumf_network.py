"""The network of NeuMF. Loads torch."""

import torch
from torch import nn

from plait.evaluation.peers.folded_users import FoldedUsers

WIDTH = 32
LAYERS = (32, 16)
DROPOUT = 0.2


class NeuMf(nn.Module):
    """logit = h^T [p_u * q_i ; MLP(p'_u, q'_i)], product and perceptron with embeddings of their own."""

    def __init__(self, item_count: int) -> None:
        super().__init__()
        self.users, self.readers = FoldedUsers(item_count, WIDTH), FoldedUsers(item_count, WIDTH)
        self.items, self.read = nn.Embedding(item_count, WIDTH), nn.Embedding(item_count, WIDTH)
        for table in (self.items, self.read):
            nn.init.normal_(table.weight, std=0.1)
        # The first layer reads user and item side by side: a sum of two maps, each made once for all pairs.
        self.of_user, self.of_item = nn.Linear(WIDTH, LAYERS[0]), nn.Linear(WIDTH, LAYERS[0], bias=False)
        self.rest = nn.Sequential(nn.ReLU(), nn.Dropout(DROPOUT), nn.Linear(*LAYERS), nn.ReLU())
        self.together = nn.Linear(WIDTH + LAYERS[1], 1)

    def forward(self, items: torch.Tensor, shares: torch.Tensor, candidates: torch.Tensor) -> torch.Tensor:
        """Return logits (m, c) of users read as places and shares (m, entries).

        Candidates are (m, c), each user's own, or (c,), the same for all.
        """
        product = self.users(items, shares)[:, None] * self.items(candidates)
        layer = self.of_user(self.readers(items, shares))[:, None] + self.of_item(self.read(candidates))
        logits: torch.Tensor = self.together(torch.cat([product, self.rest(layer)], dim=-1))[..., 0]
        return logits
