"""Adam with decoupled weight decay, beside a running mean of the weights; all of it is arrays that can be written.

Loads torch, but not its optimizers, whose compiler takes seconds to load and is not used here.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from ranker.interactions import Floats

FIRST, SECOND, SMALL = 0.9, 0.999, 1e-8
NORM = 5.0
"""Gradients are cut at this norm, all parameters taken together."""


class Adam:
    """Moves parameters against their gradients (Kingma, Ba 2015; Loshchilov, Hutter 2019).

    Matrices are drawn towards zero by `decay` times the rate a step, vectors are not. `mean` follows the parameters
    by 1 - `average` a step (Polyak, Juditsky 1992), faster at first, so that the start is soon forgotten.
    """

    def __init__(self, parameters: Mapping[str, torch.Tensor], *, decay: float, average: float) -> None:
        self.parameters, self.decay, self.average, self.steps = dict(parameters), decay, average, 0
        self.first = {name: torch.zeros_like(value) for name, value in self.parameters.items()}
        self.second = {name: torch.zeros_like(value) for name, value in self.parameters.items()}
        self.mean = {name: value.detach().clone() for name, value in self.parameters.items()}

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Move by the gradients that are there, and forget them; a parameter without one stays."""
        self.steps += 1
        gradients = {name: value.grad for name, value in self.parameters.items() if value.grad is not None}
        squared = sum(float(gradient.square().sum()) for gradient in gradients.values())
        shrunk = min(1.0, NORM / (squared**0.5 + 1e-6))
        moved = max(1.0 - self.average, 9.0 / (self.steps + 9.0))
        for name, gradient in gradients.items():
            self._move(name, gradient.mul_(shrunk), rate)
            self.mean[name].lerp_(self.parameters[name], moved)
            self.parameters[name].grad = None

    def _move(self, name: str, gradient: torch.Tensor, rate: float) -> None:
        value, first, second = self.parameters[name], self.first[name], self.second[name]
        first.lerp_(gradient, 1.0 - FIRST)
        second.mul_(SECOND).addcmul_(gradient, gradient, value=1.0 - SECOND)
        if value.dim() > 1:
            value.mul_(1.0 - rate * self.decay)
        spread = (second / (1.0 - SECOND**self.steps)).sqrt_().add_(SMALL)
        value.addcdiv_(first, spread, value=-rate / (1.0 - FIRST**self.steps))

    def learnt(self) -> dict[str, Floats]:
        """Return the running mean of every parameter."""
        return {name: np.array(value.numpy()) for name, value in self.mean.items()}

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return where all stands, as `restore` takes it."""
        arrays = {
            f"{group}/{name}": np.array(value.detach().numpy())
            for group, values in self._groups().items()
            for name, value in values.items()
        }
        return {**arrays, "steps": np.asarray([self.steps], dtype=np.float32)}

    @torch.no_grad()
    def restore(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Go on from what `arrays` returned."""
        self.steps = int(arrays["steps"][0])
        for group, values in self._groups().items():
            for name, value in values.items():
                value.copy_(torch.from_numpy(arrays[f"{group}/{name}"]))

    def _groups(self) -> dict[str, dict[str, torch.Tensor]]:
        return {"network": self.parameters, "mean": self.mean, "first": self.first, "second": self.second}
