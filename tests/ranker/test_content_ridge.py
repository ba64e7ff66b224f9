"""The content ridge: leaving out in closed form against learning again, and samples spread over the counts."""

import numpy as np
import pytest

from ranker import content_ridge
from ranker.content_inputs import ContentInputs, Prepared
from ranker.content_ridge import ContentRidge, fit_content_ridge, spread_sample
from ranker.interactions import Floats
from ranker.item_features import ItemFeatures
from tests.ranker.logs import unit_rows


def learnable(count: int = 40) -> tuple[ContentInputs, Prepared, Floats]:
    rng = np.random.default_rng(1)
    attributes = np.column_stack([rng.normal(size=count), rng.integers(0, 2, (count, 3))]).astype(np.float32)
    features = ItemFeatures({"text": unit_rows(count, 6)}, attributes, ("year", "tag", "tag", "tag"))
    inputs = ContentInputs.of(features)
    targets = features.strands["text"] @ rng.normal(size=(6, 2)) + 0.1 * rng.normal(size=(count, 2))
    return inputs, inputs.prepare(features), targets.astype(np.float32)


def slow_ridge(
    inputs: ContentInputs, weights: Floats, anchors: Prepared, targets: Floats, mean: Floats, rows: Prepared
) -> Floats:
    kernel = inputs.kernel(weights, anchors, anchors).astype(np.float64) + np.eye(len(targets))
    dual = np.linalg.solve(kernel, targets - mean)
    return np.asarray(mean + inputs.kernel(weights, rows, anchors) @ dual, dtype=np.float32)


def test_leaving_out_is_learning_without() -> None:
    inputs, anchors, targets = learnable()
    fit = fit_content_ridge(inputs, anchors, targets, np.arange(40))
    for place in (0, 7, 39):
        others = np.delete(np.arange(40), place)
        rest, alone = (tuple(part[rows] for part in anchors) for rows in (others, [place]))
        expected = slow_ridge(inputs, fit.ridge.weights, rest, targets[others], fit.ridge.mean, alone)
        assert fit.left_out[place] == pytest.approx(expected[0], abs=1e-4)


def test_prediction_is_the_ridge_whatever_is_done_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, anchors, targets = learnable()
    monkeypatch.setattr(content_ridge, "AT_ONCE", 7)
    ridge = fit_content_ridge(inputs, anchors, targets, np.arange(40)).ridge
    expected = slow_ridge(inputs, ridge.weights, anchors, targets, ridge.mean, anchors)
    assert ridge.predict(inputs, anchors, anchors) == pytest.approx(expected, abs=1e-4)


def test_what_tells_the_targets_is_heard() -> None:
    inputs, anchors, targets = learnable()
    fit = fit_content_ridge(inputs, anchors, targets, np.arange(40))
    missed = ((targets - fit.left_out) ** 2).sum() / ((targets - targets.mean(axis=0)) ** 2).sum()
    assert missed < 0.2
    assert fit.ridge.weights[0] == fit.ridge.weights.max()


def test_no_items_predict_none() -> None:
    inputs, anchors, targets = learnable()
    ridge = fit_content_ridge(inputs, anchors, targets, np.arange(40)).ridge
    nobody = tuple(part[:0] for part in anchors)
    assert isinstance(ridge, ContentRidge)
    assert ridge.predict(inputs, nobody, anchors).shape == (0, 2)


def test_a_sample_is_spread_over_the_counts() -> None:
    counts = np.asarray([5, 100, 1, 50, 2, 70, 3])
    assert spread_sample(counts, 3).tolist() == [0, 1, 2]
    assert spread_sample(counts, 99).tolist() == list(range(7))
    assert spread_sample(counts[:0], 3).tolist() == []
