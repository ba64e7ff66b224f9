"""The steps by which a sequence network learns: Adam, a running mean of the weights, all chance from keys. Loads torch.

Step s of epoch e draws from (seed, e, s) alone, so that a run which goes on from a checkpoint draws what it would have.
"""

import functools
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray

from ranker.bfloat16 import has_bfloat16
from ranker.interactions import Floats, Rows
from ranker.sequence_adam import Adam
from ranker.sequence_batches import Batch
from ranker.sequence_loss import cross_entropy, sampled_cross_entropy
from ranker.sequence_network import SequenceNetwork
from ranker.sequence_settings import WIDE, SequenceSettings

FLATTENED = 0.75
"""Items are drawn in proportion to this power of how often they were met (Mikolov et al. 2013)."""

PARTS = 2
"""Parts of a batch that large networks learn from side by side, on any machine, so that all have the same sums."""


class Trainer:
    """A network on its way; `counts` (items,) say how often each item was met, which decides what is drawn.

    Products are in `kind`, by default as `kind_of` says; weights, gradients and their sums are float32 all the same.
    """

    def __init__(
        self, settings: SequenceSettings, content: Floats, counts: Rows, *, seed: int,
        kind: torch.dtype | None = None,
    ) -> None:  # fmt: skip
        self.settings, self.seed, self.kind = settings, seed, kind or kind_of(settings)
        # A part each thread, met once a step: on a busy machine threads that share each product wait for one another.
        self.parts = PARTS if settings.width >= WIDE.width else 1
        self.helpers = ThreadPoolExecutor(PARTS)
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
        shares = [batch.part(part, self.parts) for part in range(min(self.parts, len(batch.read)))]
        counts = np.asarray([(share.wanted >= 0).sum() for share in shares])
        keys = [(self.seed, epoch, place, part)[: 3 if self.parts == 1 else 4] for part in range(len(shares))]
        others = [self.helpers.submit(self._gradients, *each) for each in zip(shares[1:], keys[1:], strict=True)]
        found = [self._gradients(shares[0], keys[0]), *(other.result() for other in others)]
        for value, each in zip(self.adam.parameters.values(), zip(*found, strict=True), strict=True):
            value.grad = _weighed(each, counts / max(int(counts.sum()), 1))
        self.adam.step(cooled * self.settings.rate * min(1.0, (self.adam.steps + 1) / max(self.settings.warm_up, 1)))

    def _gradients(self, batch: Batch, key: tuple[int, ...]) -> tuple[torch.Tensor | None, ...]:
        """Return the gradient of every parameter, drawing from `key`; None for those that have no part in it."""
        self.network.chance.draw = _drawn(*key)
        return torch.autograd.grad(self._loss(batch), list(self.adam.parameters.values()), allow_unused=True)

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


def _weighed(gradients: tuple[torch.Tensor | None, ...], shares: NDArray[np.float64]) -> torch.Tensor | None:
    """Return the sum of the gradients of parts, each as much as its share; None where there is none."""
    told = [share * each for each, share in zip(gradients, shares.tolist(), strict=True) if each is not None]
    return functools.reduce(torch.add, told) if told else None


def _drawn(*key: int) -> np.random.Generator:
    """Return a fast generator that draws from `key` alone."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(key)))
