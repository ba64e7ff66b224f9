"""Training a network: Adam over batches that are drawn anew each epoch, all chance from a seed. Loads torch."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import torch

from index.vector_index import Rows

Batch = tuple[torch.Tensor, ...]
LEAST_STEPS = 16
LEAST_BATCH = 16


def batched(order: Rows, most: int, *, steps: int = LEAST_STEPS) -> Iterator[Rows]:
    """Yield `order` in batches of at most `most`, of fewer where they would be less than `steps` to learn by."""
    size = min(most, max(len(order) // steps, LEAST_BATCH))
    for start in range(0, len(order), size):
        yield order[start : start + size]


@contextmanager
def chance(*key: int) -> Iterator[np.random.Generator]:
    """Draw from `key` alone: within, by torch's own generator (first weights, dropout) and by the one returned.

    Torch's generator goes on afterwards as if nothing had happened.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(np.random.SeedSequence(key).generate_state(1)[0]))
        yield np.random.default_rng(key)


def epochs(
    network: torch.nn.Module,
    batches: Callable[[np.random.Generator], Iterable[Batch]],
    loss: Callable[..., torch.Tensor],
    *,
    rate: float,
    seed: int,
    decay: float = 0.0,
) -> Iterator[None]:
    """Yield after each epoch, without an end; between two the network is in evaluation mode.

    `batches` draws an epoch's batches, `loss` takes one of them and returns its mean. Adam (Kingma, Ba 2015) with
    step `rate` and decoupled weight `decay` (Loshchilov, Hutter 2019); gradients are cut at norm 5.
    """
    adam = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)
    epoch = 0
    while True:
        epoch += 1
        network.train()
        with chance(seed, epoch) as rng:
            for batch in batches(rng):
                adam.zero_grad(set_to_none=True)
                torch.autograd.backward(loss(*batch))
                torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
                adam.step()
        network.eval()
        yield
