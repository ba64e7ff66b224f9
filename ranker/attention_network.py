"""Learning attention: whose profile makes the next liking likeliest, by Adam over a softmax of items. Loads torch."""

import time
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import cross_entropy, normalize, softplus

from ranker.attention import DAY, Attention
from ranker.interactions import Floats, Interactions, Recent, Rows
from ranker.positions import Positions, likings

MOST_LIKINGS = 60_000
MOST_ITEMS = 4_000
"""Items that a softmax is over; of larger catalogues as many are drawn for each step."""
LOOKED_AT = 50
BATCH = 256
LEAST_STEPS = 16
"""Steps of an epoch: of few likings the batches are smaller."""
RATE = 1e-2


@dataclass(frozen=True, slots=True)
class _Batch:
    """Recent entries as tensors (b, width), and their items' vectors (b, width, D)."""

    vectors: torch.Tensor
    weights: torch.Tensor
    days: torch.Tensor
    used: torch.Tensor


class AttentionNetwork(torch.nn.Module):
    """The settings of `ranker.attention.Attention` as parameters, and the heat of the softmax over items."""

    def __init__(self, dimension: int, rank: int, start: Attention, time_constant: float) -> None:
        """Begin at `start`; the map of low rank begins near nothing."""
        super().__init__()
        positive = [start.liking, start.fade, start.ageing, start.aversion]
        inverse = [float(np.log(np.expm1(max(value, 1e-3)))) for value in positive]
        self.positive = torch.nn.Parameter(torch.tensor(inverse))
        self.sharpness = torch.nn.Parameter(torch.tensor(start.sharpness))
        self.constant = torch.nn.Parameter(torch.tensor(float(np.log(time_constant))))
        self.heat = torch.nn.Parameter(torch.tensor(2.0))
        self.query = torch.nn.Parameter(torch.randn(dimension, rank) / dimension**0.5)
        self.key = torch.nn.Parameter(torch.randn(dimension, rank) / dimension**0.5)

    def profiles(self, batch: _Batch) -> torch.Tensor:
        """Return unit profiles (b, D), pooled as `ranker.profile.pool_profiles` pools."""
        liking, fade, ageing, aversion = softplus(self.positive)
        places = torch.arange(batch.weights.shape[1])
        fading = -fade * torch.log1p(places / self.constant.exp()) - ageing * torch.log1p(batch.days)
        liked, disliked = batch.used & (batch.weights > 0), batch.used & (batch.weights < 0)
        told = liking * torch.log(batch.weights.clamp(min=1e-6)) + fading
        asked = normalize(_pooled(_shares(told, liked), batch.vectors), dim=1)
        wanted = self.sharpness * asked + (asked @ self.query) @ self.key.T
        likeness = torch.einsum("bwd,bd->bw", batch.vectors, wanted)
        pooled = _pooled(_shares(told + likeness, liked), batch.vectors)
        against = _shares(torch.log((-batch.weights).clamp(min=1e-6)) + fading, disliked)
        return normalize(pooled - aversion * _pooled(against, batch.vectors), dim=1)

    def attention(self) -> Attention:
        """Return what was learnt, for numpy to read."""
        liking, fade, ageing, aversion = softplus(self.positive).tolist()
        sharpness, constant = self.sharpness.item(), self.constant.exp().item()
        maps = (side.detach().numpy().astype(np.float32) for side in (self.query, self.key))
        return Attention(sharpness, liking, fade, constant, ageing, aversion, *maps)


def fit_attention(
    interactions: Interactions,
    vectors: Floats,
    *,
    start: Attention,
    time_constant: float,
    rank: int = 16,
    epochs: int = 3,
    seed: int = 0,
    deadline: float | None = None,
) -> Attention:
    """Learn from each liking and what came before it; `vectors` (n, D) of the items. Deterministic by `seed`.

    logit_j = heat profile^T v_j + log(1 + likings of j): popularity is told apart, so that attention need not learn
    it. After `deadline` (of time.monotonic) what is learnt so far is returned; `start` where there is no liking with
    a history.
    """
    told = likings(interactions, most=MOST_LIKINGS, seed=seed)
    if not len(told):
        return start
    counts = np.bincount(interactions.items[interactions.weights > 0], minlength=len(vectors))
    rng, items = np.random.default_rng(seed), torch.from_numpy(vectors)
    bias = torch.from_numpy(np.log1p(counts).astype(np.float32))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = AttentionNetwork(vectors.shape[1], rank, start, time_constant)
    steps = min(len(told), max(-(-len(told) // BATCH), LEAST_STEPS))
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    for _ in range(epochs):
        for chosen in np.array_split(rng.permutation(len(told)), steps):
            if deadline is not None and time.monotonic() > deadline:
                return network.attention()
            targets = told.targets[chosen]
            among = _among(targets, len(vectors), rng)
            logits = network.heat.exp() * network.profiles(_batch(told, chosen, items)) @ items[among].T + bias[among]
            loss = cross_entropy(logits, torch.from_numpy(np.searchsorted(among, targets)))
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
    return network.attention()


def _among(targets: Rows, count: int, rng: np.random.Generator) -> Rows:
    """Return the ascending items that a step's softmax is over, the targets among them."""
    if count <= MOST_ITEMS:
        return np.arange(count)
    return np.union1d(rng.choice(count, MOST_ITEMS, replace=False), targets)


def _batch(told: Positions, chosen: Rows, items: torch.Tensor) -> _Batch:
    recent: Recent = told.before(chosen, LOOKED_AT)
    ages = (recent.ages / DAY).astype(np.float32)
    arrays = (np.maximum(recent.items, 0), recent.weights, ages, recent.used)
    rows, weights, days, used = (torch.from_numpy(array) for array in arrays)
    return _Batch(items[rows], weights, days, used)


def _shares(logits: torch.Tensor, used: torch.Tensor) -> torch.Tensor:
    """Return the softmax over what is used, zero where nothing is."""
    return torch.softmax(logits.masked_fill(~used, -1e9), dim=1) * used


def _pooled(shares: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
    return torch.einsum("bw,bwd->bd", shares, vectors)
