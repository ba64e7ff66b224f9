"""Evidence: the closed form against a normal density, its slope against differences, and parts that tell nothing."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import multivariate_normal

from ranker.evidence import DRAWN, FIRST, likeliest_weights, surprise
from ranker.interactions import Floats


def two_parts(count: int = 30, *, seed: int = 0) -> tuple[Floats, NDArray[np.float64]]:
    """Return a part that makes the targets and one that has nothing to do with them."""
    rng = np.random.default_rng(seed)
    told, chance = rng.normal(size=(2, count, 4))
    parts = np.stack([told @ told.T, chance @ chance.T]).astype(np.float32)
    return parts, told @ rng.normal(size=(4, 3)) + 0.3 * rng.normal(size=(count, 3))


def slow_surprise(logs: NDArray[np.float64], parts: Floats, targets: NDArray[np.float64]) -> float:
    """Return minus the highest log density over scales, without the constants, for each target and output."""
    count, outputs = targets.shape
    covariance = np.einsum("p,pij->ij", np.exp(logs), parts.astype(np.float64)) + np.eye(count)
    scale = float(np.trace(targets.T @ np.linalg.inv(covariance) @ targets)) / (count * outputs)
    density = sum(float(multivariate_normal(cov=scale * covariance).logpdf(column)) for column in targets.T)
    constant = 0.5 * count * outputs * (np.log(2 * np.pi) + 1)
    off = float(((logs - FIRST) ** 2).sum())
    return float(-(density + constant) / (count * outputs) + DRAWN * off / count)


@pytest.mark.parametrize("logs", [[-1.0, -1.0], [0.5, -3.0]])
def test_surprise_is_that_of_a_normal_density(logs: list[float]) -> None:
    parts, targets = two_parts()
    assert surprise(np.asarray(logs), parts, targets)[0] == pytest.approx(
        slow_surprise(np.asarray(logs), parts, targets), abs=1e-5
    )


def test_the_slope_is_that_of_differences() -> None:
    parts, targets = two_parts()
    logs = np.asarray([0.3, -1.7])
    _, gradient = surprise(logs, parts, targets)
    for place in range(2):
        step = np.eye(2)[place] * 1e-3
        apart = surprise(logs + step, parts, targets)[0] - surprise(logs - step, parts, targets)[0]
        assert gradient[place] == pytest.approx(apart / 2e-3, rel=1e-3, abs=1e-6)


def test_what_tells_weighs_and_chance_does_not() -> None:
    parts, targets = two_parts(60)
    weights = likeliest_weights(parts, targets.astype(np.float32))
    assert weights[0] > 20 * weights[1]


def test_the_scale_of_the_targets_changes_nothing() -> None:
    parts, targets = two_parts()
    small, large = (likeliest_weights(parts, (factor * targets).astype(np.float32)) for factor in (1e-3, 1e3))
    assert small == pytest.approx(large, rel=1e-2)


def test_nothing_to_tell_leaves_the_weights() -> None:
    parts, targets = two_parts()
    assert likeliest_weights(parts, np.zeros_like(targets, dtype=np.float32)) == pytest.approx(np.exp(FIRST))


def test_no_kernel_is_an_error() -> None:
    with pytest.raises(ValueError, match="not positive semidefinite"):
        surprise(np.asarray([2.0]), -np.eye(3, dtype=np.float32)[None], np.ones((3, 1)))
