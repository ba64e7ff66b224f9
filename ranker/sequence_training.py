"""The steps by which a sequence network learns: Adam, a running mean of the weights, all chance from keys. Loads torch.

Step s of epoch e draws from (seed, e, s) alone, so that a run which goes on from a checkpoint draws what it would have.
"""

from collections.abc import Mapping

import numpy as np
import torch

from ranker.bfloat16 import has_bfloat16
from ranker.interactions import Floats, Rows
from ranker.sequence_adam import Adam
from ranker.sequence_batches import Batch
from ranker.sequence_loss import cross_entropy, sampled_cross_entropy
from ranker.sequence_network import SequenceNetwork
from ranker.sequence_settings import WIDE, SequenceSettings

FLATTENED = 0.75
"""Items are drawn in proportion to this power of how often they were met (Mikolov et al. 2013)."""


class Trainer:
    """A network on its way; `counts` (items,) say how often each item was met, which decides what is drawn.

    Products are in `kind`, by default as `kind_of` says; weights, gradients and their sums are float32 all the same.
    """

    def __init__(
        self, settings: SequenceSettings, content: Floats, counts: Rows, *, seed: int,
        kind: torch.dtype | None = None,
    ) -> None:  # fmt: skip
        self.settings, self.seed, self.kind = settings, seed, kind or kind_of(settings)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.network = SequenceNetwork(settings, len(counts), torch.from_numpy(content))
        self.adam = Adam(dict(self.network.named_parameters()), decay=settings.decay, average=settings.average)
        odds = np.maximum(counts, 1) ** FLATTENED
        self.odds = odds / odds.sum()

    @torch.no_grad()
    def start_from(self, parameters: Mapping[str, Floats]) -> None:
        """Take over the parameters that are given; Adam begins anew."""
        for name, value in parameters.items():
            self.adam.parameters[name].copy_(torch.from_numpy(value))
            self.adam.mean[name].copy_(torch.from_numpy(value))

    def step(self, batch: Batch, epoch: int, place: int, *, cooled: float = 1.0) -> None:
        """Learn from one batch, the one at `place` of `epoch`, at the share `cooled` of the usual rate."""
        self.network.train()
        self.network.chance.draw = _drawn(self.seed, epoch, place)
        torch.autograd.backward(self._loss(batch))
        self.adam.step(cooled * self.settings.rate * min(1.0, (self.adam.steps + 1) / max(self.settings.warm_up, 1)))

    def _loss(self, batch: Batch) -> torch.Tensor:
        """Return how wrong the network is, and at the embeddings that would make it worst, where that is asked for."""
        count = len(self.odds)
        drawn = None
        if count > self.settings.sampled_from:
            drawn = self.network.chance.draw.choice(count, self.settings.negatives, p=self.odds)
        rows = None if drawn is None else np.unique(np.concatenate([batch.read.ravel(), batch.wanted.ravel(), drawn]))
        with self._multiplying():
            embeddings = self.network.embeddings(None if rows is None else torch.from_numpy(rows[rows >= 0]))
        loss = self._wrong(embeddings, batch, rows, drawn)
        if not self.settings.adversarial:
            return loss
        (gradient,) = torch.autograd.grad(loss, embeddings, retain_graph=True)
        worst = self.settings.adversarial * torch.nn.functional.normalize(gradient, dim=1)
        return loss + self._wrong(embeddings + worst, batch, rows, drawn)

    def _multiplying(self) -> torch.autocast:
        return torch.autocast("cpu", self.kind, enabled=self.kind != torch.float32)

    def _wrong(self, embeddings: torch.Tensor, batch: Batch, rows: Rows | None, drawn: Rows | None) -> torch.Tensor:
        read, weights, wanted = batch.read, torch.from_numpy(batch.weights), batch.wanted
        if rows is not None:
            known = rows[rows >= 0]
            read = np.where(read >= 0, np.searchsorted(known, read), read)
        asked = torch.from_numpy(np.flatnonzero(wanted >= 0))
        with self._multiplying():
            states = self.network(embeddings, torch.from_numpy(read), weights).flatten(0, 1)[asked]
        right = torch.from_numpy(wanted.ravel())[asked]
        if rows is None or drawn is None:
            return cross_entropy(states, embeddings, self.network.bias, right, kind=self.kind)
        return self._wrong_beside(states, embeddings, torch.from_numpy(known), right, torch.from_numpy(drawn))

    def _wrong_beside(
        self, states: torch.Tensor, embeddings: torch.Tensor, known: torch.Tensor, right: torch.Tensor,
        drawn: torch.Tensor,
    ) -> torch.Tensor:  # fmt: skip
        """Return how wrong `states` are about `right` beside `drawn` items, both rows of all; `known` are embedded."""
        whole = torch.cat((embeddings, self.network.bias[known, None]), dim=1)
        mine, others = whole[torch.searchsorted(known, right)], whole[torch.searchsorted(known, drawn)]
        counts = torch.from_numpy(np.log(len(drawn) * self.odds)).to(states.dtype)
        same = right[:, None] == drawn
        asked = torch.cat((states, states.new_ones(len(states), 1)), dim=1)
        return sampled_cross_entropy(asked, mine, others, counts[drawn], same)


def kind_of(settings: SequenceSettings) -> torch.dtype:
    """Return what products are made in: bfloat16 for large networks, where the processor has it, else float32."""
    return torch.bfloat16 if settings.width >= WIDE.width and has_bfloat16() else torch.float32


def _drawn(*key: int) -> np.random.Generator:
    """Return a fast generator that draws from `key` alone."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(key)))
