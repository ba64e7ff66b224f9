import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedders import contrastive
from embedders.contrastive import info_nce, train_contrastive
from embedders.encoder import Vectors
from embedders.kernel_ridge import FOLDS, KernelRidge, fit_kernel_ridges, fold_of, kernel_features
from embedders.spaces import row_hashes, unit


def pairs(count: int, *, seed: int = 0) -> tuple[Vectors, Vectors]:
    draw = np.random.default_rng(seed)
    inputs = unit(draw.normal(size=(count, 6)).astype(np.float32))
    targets = unit(np.tanh(inputs @ np.random.default_rng(9).normal(size=(6, 4))).astype(np.float32))
    return inputs, targets


def fitted(inputs: Vectors, targets: Vectors) -> KernelRidge:
    [ridge] = fit_kernel_ridges(inputs, targets, steepness=1.0, strengths=[1.0])
    return ridge


def trained(inputs: Vectors, targets: Vectors, *, steps: int) -> KernelRidge:
    folds = fold_of(row_hashes(inputs))
    return train_contrastive(fitted(inputs, targets), inputs, targets, row_hashes(targets), folds=folds, steps=steps)


def slow_loss(
    weights: np.ndarray, log_scale: float, features: np.ndarray, targets: np.ndarray, digests: np.ndarray
) -> float:
    """Compute the loss pair by pair, as the formula reads."""
    mapped = [row @ weights / np.linalg.norm(row @ weights) for row in features]
    total = 0.0
    for own in range(len(features)):
        others = [place for place in range(len(features)) if place == own or digests[place] != digests[own]]
        forth = [np.exp(np.exp(log_scale) * mapped[own] @ targets[place]) for place in others]
        back = [np.exp(np.exp(log_scale) * mapped[place] @ targets[own]) for place in others]
        here = np.exp(np.exp(log_scale) * mapped[own] @ targets[own])
        total -= np.log(here / sum(forth)) / 2 + np.log(here / sum(back)) / 2
    return total / len(features)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), st.floats(0.0, 3.0))
def test_the_loss_and_its_slopes_are_those_of_the_formula(seed: int, log_scale: float) -> None:
    draw = np.random.default_rng(seed)
    weights, features = draw.normal(size=(5, 3)), draw.normal(size=(6, 5))
    targets = unit(draw.normal(size=(6, 3)).astype(np.float32))
    digests = np.asarray([1, 2, 3, 3, 4, 5], dtype=np.uint64)
    loss, slope, by_scale = info_nce(
        weights.astype(np.float32), log_scale, features.astype(np.float32), targets, digests
    )
    assert loss == pytest.approx(slow_loss(weights, log_scale, features, targets, digests), abs=1e-4)
    for row, column in ((0, 0), (2, 1), (4, 2)):
        moved = np.zeros_like(weights)
        moved[row, column] = 1e-5
        there = slow_loss(weights + moved, log_scale, features, targets, digests)
        here = slow_loss(weights - moved, log_scale, features, targets, digests)
        assert slope[row, column] == pytest.approx((there - here) / 2e-5, abs=2e-3)
    there = slow_loss(weights, log_scale + 1e-5, features, targets, digests)
    here = slow_loss(weights, log_scale - 1e-5, features, targets, digests)
    assert by_scale == pytest.approx((there - here) / 2e-5, abs=2e-3)


def test_no_step_changes_nothing() -> None:
    inputs, targets = pairs(40)
    np.testing.assert_allclose(trained(inputs, targets, steps=0)(inputs), fitted(inputs, targets)(inputs), atol=1e-4)


@pytest.mark.parametrize("count", [40, 120])
def test_pairs_that_were_learnt_from_find_each_other_better(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contrastive, "BATCH", 64)  # so that 120 pairs come in batches, with hard negatives
    inputs, targets = pairs(count)
    ridge, head = fitted(inputs, targets), trained(inputs, targets, steps=80)
    digests = row_hashes(targets)
    losses = []
    for map_ in (ridge, head):
        features, _, support = kernel_features(map_, inputs)
        losses.append(info_nce(support.T @ map_.coefficients[FOLDS], 2.66, features, targets, digests)[0])
    assert losses[1] < losses[0] - 0.05


def test_what_a_fold_answers_does_not_reach_its_own_map() -> None:
    inputs, targets = pairs(60)
    folds = fold_of(row_hashes(inputs))
    changed = targets.copy()
    changed[folds == 2] = unit(np.random.default_rng(3).normal(size=changed[folds == 2].shape).astype(np.float32))
    kept, moved = trained(inputs, targets, steps=20), trained(inputs, changed, steps=20)
    np.testing.assert_allclose(kept.coefficients[2], moved.coefficients[2], atol=1e-5)
    assert np.abs(kept.coefficients[FOLDS] - moved.coefficients[FOLDS]).max() > 1e-2


def test_equal_texts_are_no_negatives() -> None:
    inputs, _ = pairs(30)
    targets = np.tile(unit(np.ones((1, 4), np.float32)), (30, 1))
    ridge, head = fitted(inputs, targets), trained(inputs, targets, steps=20)
    np.testing.assert_allclose(head(inputs), ridge(inputs), atol=1e-3)


def test_the_likest_other_is_never_a_twin() -> None:
    _, targets = pairs(20)
    targets[1] = targets[0]
    twins = contrastive._likest(targets, row_hashes(targets))
    for own, twin in enumerate(twins.tolist()):
        others = [place for place in range(20) if not np.array_equal(targets[place], targets[own])]
        assert twin == max(others, key=lambda place: float(targets[place] @ targets[own]))
