"""Training by pairs: a liking against items the user has not met, by binary cross-entropy. Loads torch."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from plait.evaluation.peers.folded_users import tensors_of
from plait.evaluation.peers.hashed_rows import FittedByPlace, HashedRows
from plait.evaluation.peers.recent_reading import HISTORY, Likings, read
from plait.evaluation.peers.torch_training import Batch, batched, epochs
from plait.evaluation.peers.unmet import Unmet
from ranker.interactions import Floats, Histories

NEGATIVES = 4
"""Items drawn for each liking, as in He et al. 2017."""
BATCH = 256
USERS_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class FittedPairs:
    """A network that gives logits (m, c) of readings, places and shares (m, entries), and candidates.

    Candidates are (m, c), each user's own, or (c,), the same for all.
    """

    network: nn.Module
    item_count: int
    time_constant: float

    @torch.inference_mode()
    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) logits."""
        scores = np.empty((len(histories), self.item_count), dtype=np.float32)
        everything = torch.arange(self.item_count)
        for start in range(0, len(histories), USERS_AT_ONCE):
            rows = np.arange(start, min(start + USERS_AT_ONCE, len(histories)))
            users = read(histories.take(rows).recent(HISTORY), self.item_count, self.time_constant)
            scores[rows] = self.network(*tensors_of(users), everything).numpy()
        return scores


def pair_epochs(
    network: nn.Module, rows: HashedRows, *, time_constant: float, rate: float, decay: float, seed: int
) -> Iterator[FittedByPlace]:
    """Yield the model after each epoch, in which every liking comes once, each with NEGATIVES drawn items.

    A user is read as he was just before that liking.
    """
    likings = Likings.of(rows.histories)
    unmet = Unmet.of(rows.histories, rows.item_count)

    def batches(rng: np.random.Generator) -> Iterator[Batch]:
        for chosen in batched(rng.permutation(len(likings)), BATCH):
            users = read(likings.before(chosen), rows.item_count, time_constant)
            drawn = unmet.draw(likings.owners[chosen], NEGATIVES, rng)
            candidates = np.concatenate([likings.targets[chosen, None], drawn], axis=1)
            yield *tensors_of(users), torch.from_numpy(candidates)

    def loss(items: torch.Tensor, shares: torch.Tensor, candidates: torch.Tensor) -> torch.Tensor:
        logits = network(items, shares, candidates)
        wanted = torch.zeros_like(logits)
        wanted[:, 0] = 1.0
        return functional.binary_cross_entropy_with_logits(logits, wanted)

    for _ in epochs(network, batches, loss, rate=rate, decay=decay, seed=seed):
        yield FittedByPlace(rows.places, FittedPairs(network, rows.item_count, time_constant))
