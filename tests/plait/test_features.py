"""Features: numbers standardised, values that repeat as places of their own, what is missing flagged."""

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedders.items import AttributeValue, Item
from plait.attributes import AttributeType
from plait.features import AttributeFeatures, fit_features
from plait.item_table import ItemTable

NUMBER, DATE, CATEGORY, SEVERAL = AttributeType
DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"


def table(types: dict[str, AttributeType], *attributes: Mapping[str, AttributeValue] | None) -> ItemTable:
    items = [None if values is None else Item(str(row), attributes=values) for row, values in enumerate(attributes)]
    return ItemTable(items, types)


def test_by_hand() -> None:
    types = {"year": NUMBER, "tags": SEVERAL, "maker": CATEGORY}
    known = table(
        types,
        {"year": 1990.0, "tags": ("x", "y"), "maker": "A"},
        {"year": 1994.0, "tags": ("x",), "maker": "B"},
        {"tags": ("y", "once"), "maker": "A"},
        {},
    )
    features = fit_features(known)
    assert features.numbers == (("year", 1992.0, 2.0),)
    assert features.values == (("maker", "A"), ("tags", "x"), ("tags", "y"))
    assert features.columns == ("categories", "maker", "tags", "year")
    half = 1 / np.sqrt(2)
    expected = [
        [-1, 1, half, half, 1, 0, 0, 0],
        [1, 0, 1, 0, 1, 0, 0, 0],
        [0, 1, 0, half, 1, 0, 0, 1],
        [0, 0, 0, 0, 1, 1, 1, 1],
    ]
    matrix = features.transform(known)
    assert matrix.dtype == np.float32
    np.testing.assert_allclose(matrix, expected, rtol=1e-6)


def test_names_of_a_cast_count_one_by_one() -> None:
    casts = ["Ann Lee, Bo Chan", "Bo Chan, Cy Fox, Bo Chan", "Ann Lee, Dee Roe", "Eve Ray"]
    known = table({"cast": CATEGORY}, *({"cast": cast} for cast in casts))
    features = fit_features(known)
    assert features.lists == ("cast",)
    assert features.values == (("cast", "Ann Lee"), ("cast", "Bo Chan"))
    matrix = features.transform(known)[:, :2]
    np.testing.assert_allclose(matrix[0], [1 / np.sqrt(2)] * 2, rtol=1e-6)
    np.testing.assert_allclose(matrix[1], [0, 1 / np.sqrt(2)], rtol=1e-6)
    assert not matrix[3].any()


def test_a_comma_in_a_few_values_makes_no_list() -> None:
    makers = ["A", "A", "Bread, Ltd", "Bread, Ltd"]
    assert fit_features(table({"maker": CATEGORY}, *({"maker": name} for name in makers))).lists == ()


def test_a_number_that_never_changes_and_one_that_is_far_off() -> None:
    features = fit_features(table({"n": NUMBER}, {"n": 5.0}, {"n": 5.0}))
    assert features.transform(table({"n": NUMBER}, {"n": 5.0}, {"n": 1e300}, {"n": -1e300}))[:, 0].tolist() == [
        0,
        10,
        -10,
    ]


def test_columns_and_values_it_never_saw() -> None:
    features = fit_features(table({"a": CATEGORY, "n": NUMBER}, {"a": "x", "n": 1.0}, {"a": "x", "n": 3.0}))
    other = features.transform(table({"b": CATEGORY}, {"b": "x"}, None))
    assert other.shape == (2, features.count)
    flags = [len(features.numbers) + len(features.values) + place for place in range(len(features.columns))]
    assert other[:, flags].all()
    assert not np.delete(other, flags, axis=1).any()
    assert not features.transform(table({"a": CATEGORY, "n": NUMBER}, {"a": "new", "n": 2.0}))[:, 1].any()


def test_no_items_and_no_attributes() -> None:
    features = fit_features(ItemTable([], {}))
    assert features.transform(ItemTable([], {})).shape == (0, features.count)
    assert features.transform(table({}, {}, {})).shape == (2, features.count)


def test_only_the_most_frequent_values_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plait.features.MOST_VALUES", 2)
    known = table({"a": CATEGORY}, *({"a": word} for word in "zzzyyxxx"))
    assert fit_features(known).values == (("a", "x"), ("a", "z"))


ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "n": st.floats(-1e6, 1e6),
            "a": st.sampled_from(["x", "y", "p, q", "q, r"]),
            "s": st.lists(st.sampled_from(["u", "v", "w"]), min_size=1, unique=True).map(tuple),
        },
    ),
    max_size=10,
)
TYPES = {"n": NUMBER, "a": CATEGORY, "s": SEVERAL}


@given(ROWS)
def test_rows_do_not_depend_on_each_other_and_all_is_finite(rows: list[dict[str, AttributeValue]]) -> None:
    known = table(TYPES, *rows)
    features = fit_features(known)
    matrix = features.transform(known)
    assert np.isfinite(matrix).all()
    for place, row in enumerate(rows):
        np.testing.assert_allclose(features.transform(table(TYPES, row))[0], matrix[place], rtol=1e-5, atol=1e-6)


@given(ROWS)
def test_the_order_of_items_does_not_matter(rows: list[dict[str, AttributeValue]]) -> None:
    one, other = fit_features(table(TYPES, *rows)), fit_features(table(TYPES, *reversed(rows)))
    assert one.values == other.values
    assert one.lists == other.lists
    np.testing.assert_allclose([m[1:] for m in one.numbers], [m[1:] for m in other.numbers], rtol=1e-6, atol=1e-6)


@given(ROWS)
def test_saved_and_read_again(rows: list[dict[str, AttributeValue]]) -> None:
    features = fit_features(table(TYPES, *rows))
    assert AttributeFeatures.from_json(features.to_json()) == features


def test_casts_of_real_films() -> None:
    catalogue = DATA / "movies" / "items.csv"
    if not catalogue.is_file():
        pytest.skip("shared/data/movies is absent")
    with catalogue.open(encoding="utf-8") as stream:
        films = [{"actors": row["actors"]} if row["actors"] else {} for row in csv.DictReader(stream)]
    features = fit_features(table({"actors": CATEGORY}, *films))
    assert ("actors", "Tom Hanks") in features.values
    assert features.count > 300
