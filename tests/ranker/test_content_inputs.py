"""Inputs of the content kernel: each likeness by hand, what is lacking, and columns beyond the most."""

import numpy as np
import pytest

from ranker import content_inputs
from ranker.content_inputs import FAR, NEAR, ContentInputs
from ranker.interactions import Floats
from ranker.item_features import ItemFeatures

COLUMNS = ("year", "genre", "genre", "maker", "")
FEATURES = ItemFeatures(
    {"text": np.asarray([[3.0, 0.0], [1.0, 2.0], [0.0, 0.0]], dtype=np.float32)},
    np.asarray([[-0.5, 1, 0, 1, 0], [0.5, 0.6, 0.8, 0, 1], [0.0, 0, 1, 1, 0]], dtype=np.float32),
    COLUMNS,
)


def likenesses(features: ItemFeatures = FEATURES) -> list[Floats]:
    inputs = ContentInputs.of(features)
    rows = inputs.prepare(features)
    return list(inputs.likenesses(rows, rows))


def test_each_likeness_by_hand() -> None:
    text, genre, maker, near, far, missing = likenesses()
    assert text == pytest.approx(np.asarray([[1, -1, 0], [-1, 1, 0], [0, 0, 0]]), abs=1e-6)
    assert genre == pytest.approx(np.asarray([[1, 0.6, 0], [0.6, 1, 0.8], [0, 0.8, 1]]), abs=1e-6)
    assert maker == pytest.approx(np.asarray([[1, 0, 1], [0, 0, 0], [1, 0, 1]]), abs=1e-6)
    assert near[0, 1] == pytest.approx(np.exp(-0.5 / NEAR**2), abs=1e-6)
    assert far[0, 1] == pytest.approx(np.exp(-0.5 / FAR**2), abs=1e-6)
    assert far[0, 2] == pytest.approx(np.exp(-0.125 / FAR**2), abs=1e-6)
    assert missing.tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_the_kernel_is_the_weighed_sum() -> None:
    inputs = ContentInputs.of(FEATURES)
    rows = inputs.prepare(FEATURES)
    weights = np.arange(1, inputs.count + 1).astype(np.float32)
    expected = sum(weight * part for weight, part in zip(weights, likenesses(), strict=True))
    assert inputs.kernel(weights, rows, rows) == pytest.approx(expected, abs=1e-5)


def test_attributes_of_no_column_stand_together() -> None:
    nameless = ItemFeatures(FEATURES.strands, FEATURES.attributes)
    inputs = ContentInputs.of(nameless)
    assert inputs.columns == ()
    assert inputs.rest.tolist() == [1, 2, 3, 4]
    assert inputs.count == len(likenesses(nameless)) == 4


def test_columns_beyond_the_most_share_a_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_inputs, "MOST_COLUMNS", 2)
    names = ("a", "b", "b", "b", "c", "c")
    inputs = ContentInputs.of(ItemFeatures({}, np.eye(6, dtype=np.float32), names))
    assert [places.tolist() for places in inputs.columns] == [[1, 2, 3], [0, 4, 5]]


@pytest.mark.parametrize("lacking", [{}, {"text": np.ones((3, 9), np.float32)}])
def test_a_strand_that_is_lacking_is_missing(lacking: dict[str, Floats]) -> None:
    inputs = ContentInputs.of(FEATURES)
    found = inputs.prepare(ItemFeatures(lacking, FEATURES.attributes, COLUMNS))
    assert not found[0].any()
    assert found[-1][:, -1].tolist() == [1, 1, 1]


def test_other_attributes_are_an_error() -> None:
    with pytest.raises(ValueError, match="attributes have 2 columns; expected 5"):
        ContentInputs.of(FEATURES).prepare(ItemFeatures({}, np.zeros((3, 2), np.float32)))


def test_a_catalogue_of_nothing_has_one_likeness() -> None:
    nothing = likenesses(ItemFeatures({}, np.zeros((4, 0), np.float32)))
    assert [part.tolist() for part in nothing] == [np.zeros((4, 4)).tolist()]
