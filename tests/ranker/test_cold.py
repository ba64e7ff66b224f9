"""The content map: the closed form against leaving items out for real, what each part of the kernel says, and edges."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ranker import cold
from ranker.cold import ItemFeatures, fit_content_map
from ranker.interactions import Floats
from tests.ranker.logs import parity_features, unit_rows


def learnable(count: int = 40, *, seed: int = 0) -> tuple[ItemFeatures, Floats, NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    features = ItemFeatures(
        {"text": unit_rows(count, 6, seed=seed), "image": unit_rows(count, 4, seed=seed + 1)},
        np.column_stack([rng.normal(size=count), rng.integers(0, 2, (count, 3))]).astype(np.float32),
    )
    mixing = rng.normal(size=(6, 3))
    factors = (features.strands["text"] @ mixing + 0.1 * rng.normal(size=(count, 3))).astype(np.float32)
    return features, factors, np.ones(count, dtype=np.int64)


def test_what_is_learnt_holds_for_new_items() -> None:
    features, factors, counts = learnable(80)
    counts[60:] = 0
    predicted = fit_content_map(features, factors, counts).content.predict(features)
    error = ((predicted[60:] - factors[60:]) ** 2).mean()
    assert error < 0.5 * ((factors[60:] - factors[:60].mean(axis=0)) ** 2).mean()


def test_left_out_is_what_a_map_without_the_item_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cold, "STRENGTHS", (1.0,))
    features, factors, counts = learnable()
    learnt = fit_content_map(features, factors, counts)
    kernel = cold._kernel(learnt.content.anchors, learnt.content.anchors).astype(np.float64)
    mean = factors.mean(axis=0)
    for item in (0, 7, 39):
        rest = np.delete(np.arange(40), item)
        dual = np.linalg.solve(kernel[np.ix_(rest, rest)] + np.eye(39), factors[rest] - mean)
        assert learnt.left_out[item] == pytest.approx(mean + kernel[item, rest] @ dual, abs=1e-4)


def test_held_out_leaves_unmet_items_to_the_map() -> None:
    features, factors, counts = learnable()
    counts[[3, 5]] = 0
    learnt = fit_content_map(features, factors, counts)
    held = learnt.held_out(features)
    predicted = learnt.content.predict(features)
    assert np.array_equal(held[[3, 5]], predicted[[3, 5]])
    assert np.array_equal(held[learnt.rows], learnt.left_out)
    assert np.abs(held[learnt.rows] - factors[learnt.rows]).mean() > np.abs(predicted - factors)[learnt.rows].mean()


def test_a_batch_is_its_items(monkeypatch: pytest.MonkeyPatch) -> None:
    features, factors, counts = learnable()
    content = fit_content_map(features, factors, counts).content
    together = content.predict(features)
    monkeypatch.setattr(cold, "AT_ONCE", 7)
    assert content.predict(features) == pytest.approx(together, abs=1e-5)
    assert content.predict(features.take(np.asarray([8]))) == pytest.approx(together[8:9], abs=1e-5)


def kernel_of(mine: ItemFeatures, theirs: ItemFeatures) -> float:
    matrices = [(*(side.strands[name] for name in sorted(side.strands)), side.attributes) for side in (mine, theirs)]
    return float(cold._kernel(*matrices)[0, 0])


def test_the_kernel_by_hand() -> None:
    one = ItemFeatures({"a": np.asarray([[3.0, 4.0]]), "b": np.asarray([[0.0, 0.0]])}, np.asarray([[-0.2, 1.0, 0.0]]))
    two = ItemFeatures({"a": np.asarray([[4.0, 3.0]]), "b": np.asarray([[1.0, 0.0]])}, np.asarray([[-0.4, 1.0, 1.0]]))
    cosines = 24 / 25 + 1 / np.sqrt(2)
    same_missing = 1 / 2
    numbers = np.exp(-0.5 * (0.2 / cold.REACH) ** 2)
    assert kernel_of(one, two) == pytest.approx(cosines + same_missing + numbers, abs=1e-5)


def test_numbers_are_alike_when_near() -> None:
    def at(number: float) -> ItemFeatures:
        return ItemFeatures({}, np.asarray([[number]], dtype=np.float32))

    assert kernel_of(at(-1.0), at(-1.0)) == pytest.approx(1.0)
    assert kernel_of(at(-1.0), at(-1.1)) > kernel_of(at(-1.0), at(-1.5)) > 0


def test_few_items_are_taken_for_their_mean() -> None:
    features, factors, counts = learnable()
    counts[cold.LEAST_ITEMS - 1 :] = 0
    learnt = fit_content_map(features, factors, counts)
    expected = np.tile(factors[: cold.LEAST_ITEMS - 1].mean(axis=0), (40, 1))
    assert learnt.content.predict(features) == pytest.approx(expected, abs=1e-6)
    assert learnt.held_out(features) == pytest.approx(expected, abs=1e-6)


def test_nothing_met_is_zero() -> None:
    features, factors, counts = learnable()
    assert not fit_content_map(features, factors, counts * 0).content.predict(features).any()


def test_a_large_catalogue_keeps_the_best_known_as_anchors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cold, "MOST_ANCHORS", 15)
    features, factors, counts = learnable()
    counts[20:35] = 9
    learnt = fit_content_map(features, factors, counts)
    assert learnt.rows.tolist() == list(range(20, 35))
    assert learnt.content.dual.shape == (15, 3)


@pytest.mark.parametrize("lacking", [{}, {"text": np.zeros((40, 99), np.float32)}])
def test_a_strand_that_is_lacking_is_missing(lacking: dict[str, Floats]) -> None:
    features, factors, counts = learnable()
    content = fit_content_map(features, factors, counts).content
    found = content.predict(ItemFeatures(lacking, features.attributes))
    zeros = {name: np.zeros_like(matrix) for name, matrix in features.strands.items()}
    assert found == pytest.approx(content.predict(ItemFeatures(zeros, features.attributes)), abs=1e-6)


def test_other_attributes_are_an_error() -> None:
    features, factors, counts = learnable()
    content = fit_content_map(features, factors, counts).content
    with pytest.raises(ValueError, match="attributes have 9 columns; expected 4"):
        content.predict(ItemFeatures(features.strands, np.zeros((40, 9), np.float32)))


def test_no_features_at_all_predict_the_mean() -> None:
    _, factors, counts = learnable()
    nothing = ItemFeatures({}, np.zeros((40, 0), dtype=np.float32))
    predicted = fit_content_map(nothing, factors, counts).content.predict(nothing)
    assert predicted == pytest.approx(np.tile(factors.mean(axis=0), (40, 1)), abs=1e-5)


def test_parity_is_told_from_content() -> None:
    features = parity_features(40)
    factors = np.eye(2, dtype=np.float32)[np.arange(40) % 2]
    counts = np.ones(40, dtype=np.int64)
    counts[30:] = 0
    predicted = fit_content_map(features, factors, counts).content.predict(features)
    assert (predicted[30:].argmax(axis=1) == np.arange(30, 40) % 2).all()
