"""Training: chance by key alone, batches of every example, and Adam on a problem whose answer is known."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
import torch

from plait.evaluation.peers.torch_training import Batch, batched, chance, epochs


def test_chance_depends_on_the_key_alone() -> None:
    drawn = []
    for _ in range(2):
        torch.rand(3)
        with chance(1, 2) as rng:
            drawn.append((torch.rand(3), rng.random(3)))
    assert torch.equal(drawn[0][0], drawn[1][0])
    np.testing.assert_array_equal(drawn[0][1], drawn[1][1])
    with chance(1, 3) as rng:
        assert not torch.equal(torch.rand(3), drawn[0][0])
        assert not np.array_equal(rng.random(3), drawn[0][1])


def test_chance_leaves_torchs_own_alone() -> None:
    before = torch.random.get_rng_state()
    with chance(5):
        torch.rand(10)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    ("count", "most", "largest"), [(0, 64, 0), (5, 64, 5), (320, 64, 20), (64, 64, 16), (10_000, 64, 64)]
)
def test_batches_hold_everything_once(count: int, most: int, largest: int) -> None:
    parts = list(batched(np.arange(count), most))
    assert [row for part in parts for row in part.tolist()] == list(range(count))
    assert max((len(part) for part in parts), default=0) == largest


def _line(seed: int) -> list[float]:
    """Return the slope of y = 3 x after each of 60 epochs, learnt from drawn x."""
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(network.weight)

    def batches(rng: np.random.Generator) -> Iterator[Batch]:
        for _ in range(5):
            yield (torch.from_numpy(rng.normal(size=(16, 1)).astype(np.float32)),)

    def loss(given: torch.Tensor) -> torch.Tensor:
        assert network.training
        squared: torch.Tensor = ((network(given) - 3 * given) ** 2).mean()
        return squared

    slopes = []
    for _ in islice(epochs(network, batches, loss, rate=0.05, seed=seed), 60):
        assert not network.training
        slopes.append(float(network.weight.detach()))
    return slopes


def test_a_slope_is_learnt_and_again_the_same() -> None:
    slopes = _line(0)
    assert slopes[-1] == pytest.approx(3.0, abs=1e-3)
    assert slopes == _line(0)
    assert slopes != _line(1)
