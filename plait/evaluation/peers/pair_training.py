"""Training by pairs: a liking against items the user has not met, by binary cross-entropy. Loads torch."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from plait.evaluation.peers.folded_users import tensors_of
from plait.evaluation.peers.id_rows import FittedByPlace, IdRows
from plait.evaluation.peers.recent_reading import HISTORY, Likings, read
from plait.evaluation.peers.torch_training import Batch, batched, epochs
from plait.evaluation.peers.unmet import Unmet
from ranker.interactions import Floats, Histories, Rows

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

    @torch.inference_mode()
    def chances(self, histories: Histories, items: Rows) -> Floats:
        """Return (m,) sigmoid(logit) of the item at place `items[i]` for user i.

        It is the chance that a liking is no drawn item, NEGATIVES of which were shown for each.
        """
        chances = np.empty(len(histories), dtype=np.float32)
        for start in range(0, len(histories), USERS_AT_ONCE):
            rows = np.arange(start, min(start + USERS_AT_ONCE, len(histories)))
            users = read(histories.take(rows).recent(HISTORY), self.item_count, self.time_constant)
            logits = self.network(*tensors_of(users), torch.from_numpy(items[rows, None]))
            chances[rows] = torch.sigmoid(logits)[:, 0].numpy()
        return chances


@dataclass(frozen=True, slots=True)
class FittedPairsByPlace:
    """The same of the rows of a split, `places` (items,) being the place of each."""

    places: Rows
    inner: FittedPairs

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) logits."""
        return FittedByPlace(self.places, self.inner).scores(histories)

    def chances(self, histories: Histories, items: Rows) -> Floats:
        """Return (m,) the chance of the item at row `items[i]` for user i."""
        placed = replace(histories, items=self.places[histories.items])
        return self.inner.chances(placed, self.places[items])


def pair_epochs(
    network: nn.Module, rows: IdRows, *, time_constant: float, rate: float, decay: float, seed: int
) -> Iterator[FittedPairsByPlace]:
    """Yield the model after each epoch, in which every liking comes once, each with NEGATIVES drawn items.

    A user is read as he was just before that liking.
    """
    histories = rows.histories()
    likings, unmet = Likings.of(histories), Unmet.of(histories, rows.item_count)

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
        yield FittedPairsByPlace(rows.items, FittedPairs(network, rows.item_count, time_constant))
