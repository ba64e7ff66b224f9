from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedders import kernel_ridge
from embedders.encoder import Vectors
from embedders.kernel_ridge import FOLDS, KernelRidge, fit_kernel_ridges, fold_of
from embedders.spaces import centre, row_hashes, unit


def pairs(count: int, *, seed: int = 0) -> tuple[Vectors, Vectors]:
    draw = np.random.default_rng(seed)
    inputs = unit(draw.normal(size=(count, 6)).astype(np.float32))
    targets = np.tanh(inputs @ np.random.default_rng(9).normal(size=(6, 4))).astype(np.float32)
    return inputs, targets


def fitted(inputs: Vectors, targets: Vectors, *, steepness: float = 1.0, strength: float = 0.1) -> KernelRidge:
    [ridge] = fit_kernel_ridges(inputs, targets, steepness=steepness, strengths=[strength])
    return ridge


def slow(
    known: Vectors, answers: Vectors, asked: Vectors, shift: Vectors, steepness: float, strength: float
) -> Vectors:
    """Solve the textbook equation (K + strength I) a = answers with a kernel written as a double loop."""

    def kernel(left: Vectors, right: Vectors) -> np.ndarray:
        return np.asarray([[np.exp(-steepness * np.sum((a - b) ** 2)) for b in right] for a in left], dtype=np.float64)

    known, asked = unit(known - shift), unit(asked - shift)
    dual = np.linalg.solve(kernel(known, known) + strength * np.eye(len(known)), answers.astype(np.float64))
    return np.asarray(kernel(asked, known) @ dual, dtype=np.float32)


@settings(deadline=None, max_examples=25)
@given(st.integers(8, 25), st.integers(0, 50), st.sampled_from([0.5, 1.0, 4.0]), st.sampled_from([0.1, 1.0]))
def test_agrees_with_the_textbook(count: int, seed: int, steepness: float, strength: float) -> None:
    inputs, targets = pairs(count, seed=seed)
    asked = pairs(5, seed=seed + 100)[0]
    ridge = fitted(inputs, targets, steepness=steepness, strength=strength)
    expected = slow(inputs, targets, asked, centre(inputs), steepness, strength)
    np.testing.assert_allclose(ridge(asked), expected, atol=2e-3)


def test_each_pair_is_mapped_by_what_has_not_seen_it() -> None:
    inputs, targets = pairs(30)
    crossed = fitted(inputs, targets).crossed(inputs)
    folds = fold_of(row_hashes(inputs))
    assert len(np.unique(folds)) == FOLDS
    for fold in range(FOLDS):
        others = folds != fold
        expected = slow(inputs[others], targets[others], inputs[~others], centre(inputs), 1.0, 0.1)
        np.testing.assert_allclose(crossed[~others], expected, atol=2e-3)


def test_the_answers_of_a_fold_do_not_reach_its_own_map() -> None:
    inputs, targets = pairs(30)
    fold = fold_of(row_hashes(inputs)) == 0
    changed = targets.copy()
    changed[fold] = 100.0
    before, after = fitted(inputs, targets).crossed(inputs), fitted(inputs, changed).crossed(inputs)
    np.testing.assert_allclose(before[fold], after[fold], atol=1e-3)
    assert np.abs(before[~fold] - after[~fold]).max() > 1.0


def test_unseen_rows_are_mapped_by_everything() -> None:
    inputs, targets = pairs(30)
    unseen = pairs(10, seed=5)[0]
    ridge = fitted(inputs, targets)
    np.testing.assert_allclose(ridge.crossed(unseen), ridge(unseen), atol=1e-6)
    mixed = ridge.crossed(np.concatenate([inputs[:3], unseen[:2]]))
    np.testing.assert_allclose(mixed[3:], ridge(unseen[:2]), atol=1e-6)
    np.testing.assert_allclose(mixed[:3], ridge.crossed(inputs)[:3], atol=1e-6)


def test_learns_what_is_curved() -> None:
    inputs, targets = pairs(400)
    asked, answers = pairs(100, seed=7)
    error = float(np.mean((fitted(inputs, targets)(asked) - answers) ** 2))
    assert error < 0.05 * float(answers.var())


def test_missing_rows_stay_missing() -> None:
    ridge = fitted(*pairs(20))
    nothing = np.zeros((2, 6), np.float32)
    assert not ridge(nothing).any()
    assert not ridge.crossed(nothing).any()
    assert ridge(nothing[:0]).shape == (0, 4)


def test_the_order_of_the_pairs_changes_nothing() -> None:
    inputs, targets = pairs(40)
    order = np.random.default_rng(1).permutation(40)
    asked = pairs(6, seed=3)[0]
    one, other = fitted(inputs, targets), fitted(inputs[order], targets[order])
    np.testing.assert_allclose(one(asked), other(asked), atol=1e-4)
    np.testing.assert_allclose(one.crossed(inputs), other.crossed(inputs), atol=1e-4)


def test_more_pairs_than_centres_still_learn_from_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_ridge, "CENTRES", 60)
    inputs, targets = pairs(600)
    asked, answers = pairs(100, seed=7)
    ridge = fitted(inputs, targets, strength=0.01)
    assert len(ridge.support) == 60
    assert len(ridge.seen) == 600
    few = fitted(inputs[:60], targets[:60], strength=0.01)
    assert np.mean((ridge(asked) - answers) ** 2) < 0.7 * np.mean((few(asked) - answers) ** 2)


def test_doubled_pairs_are_one_support() -> None:
    inputs, targets = pairs(15)
    ridge = fitted(np.tile(inputs, (3, 1)), np.tile(targets, (3, 1)))
    assert len(ridge.support) == 15
    assert np.isfinite(ridge(inputs)).all()


def test_folds_may_be_given() -> None:
    inputs, targets = pairs(20)
    folds = np.arange(20) % 2
    [ridge] = fit_kernel_ridges(inputs, targets, steepness=1.0, strengths=[0.1], folds=folds)
    expected = slow(inputs[1::2], targets[1::2], inputs[::2], centre(inputs), 1.0, 0.1)
    np.testing.assert_allclose(ridge.by_fold(inputs[::2], np.zeros(10, np.int64)), expected, atol=2e-3)


def test_one_fold_leaves_nothing_to_learn_from() -> None:
    inputs, targets = pairs(1)
    assert fit_kernel_ridges(inputs, targets, steepness=1.0, strengths=[0.1]) == []
    equal = np.repeat(inputs, 9, axis=0)
    assert fit_kernel_ridges(equal, np.repeat(targets, 9, axis=0), steepness=1.0, strengths=[0.1]) == []
    assert fit_kernel_ridges(inputs[:0], targets[:0], steepness=1.0, strengths=[0.1]) == []


def test_one_map_a_strength_and_strength_shrinks() -> None:
    inputs, targets = pairs(30)
    weak, strong = fit_kernel_ridges(inputs, targets, steepness=1.0, strengths=[0.1, 1000.0])
    assert np.linalg.norm(strong(inputs)) < 0.2 * np.linalg.norm(weak(inputs))
    assert replace(weak, steepness=2.0).dimension == 4
