"""The optimizer beside torch's, its mean beside a loop, and its state there and back."""

import numpy as np
import pytest
import torch

from ranker.sequence_adam import NORM, Adam


def _parameters() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {"matrix": torch.randn(4, 3, requires_grad=True), "vector": torch.randn(3, requires_grad=True)}


def _pull(parameters: dict[str, torch.Tensor], scale: float) -> None:
    """Give each parameter a gradient that differs from step to step."""
    torch.autograd.backward(
        scale * torch.stack([(value**2 + value.sin()).sum() for value in parameters.values()]).sum()
    )


@pytest.mark.parametrize("scale", [0.1, 100.0])
def test_it_moves_as_torch_does(scale: float) -> None:
    mine, theirs = _parameters(), _parameters()
    adam = Adam(mine, decay=0.3, average=0.9)
    groups = [{"params": [theirs["matrix"]], "weight_decay": 0.3}, {"params": [theirs["vector"]], "weight_decay": 0.0}]
    other = torch.optim.AdamW(groups, lr=0.05)
    for _ in range(8):
        _pull(mine, scale)
        adam.step(0.05)
        other.zero_grad()
        _pull(theirs, scale)
        torch.nn.utils.clip_grad_norm_(theirs.values(), NORM)
        other.step()
        for name, value in mine.items():
            torch.testing.assert_close(value, theirs[name], atol=1e-5, rtol=1e-5)


def test_the_mean_follows() -> None:
    parameters = _parameters()
    adam = Adam(parameters, decay=0.0, average=0.8)
    expected = parameters["vector"].detach().numpy().copy()
    for step in range(1, 60):
        _pull(parameters, 1.0)
        adam.step(0.05)
        moved = max(0.2, 9 / (step + 9))
        expected = (1 - moved) * expected + moved * parameters["vector"].detach().numpy()
    np.testing.assert_allclose(adam.learnt()["vector"], expected, atol=1e-5)


def test_a_parameter_without_a_gradient_stays() -> None:
    parameters = _parameters()
    before = parameters["matrix"].detach().clone()
    adam = Adam(parameters, decay=0.5, average=0.9)
    parameters["vector"].grad = torch.ones(3)
    adam.step(0.1)
    torch.testing.assert_close(parameters["matrix"].detach(), before)
    assert parameters["vector"].grad is None


def test_it_goes_on_from_what_was_written() -> None:
    one, two = _parameters(), _parameters()
    first, second = Adam(one, decay=0.1, average=0.9), Adam(two, decay=0.1, average=0.9)
    for _ in range(3):
        _pull(one, 1.0)
        first.step(0.05)
    second.restore(first.arrays())
    for parameters, adam in ((one, first), (two, second)):
        _pull(parameters, 1.0)
        adam.step(0.05)
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(array, second.arrays()[name], err_msg=name)
