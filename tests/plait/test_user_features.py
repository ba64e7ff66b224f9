"""User features: attributes of users as numbers, and what they do with what is missing, mixed or of no use."""

import numpy as np
import pytest

from embedders.items import AttributeValue
from index import IdMap
from plait.attributes import AttributeType
from plait.records import Relation
from plait.user_features import BANDS, KnownUsers, UserFeatures, fit_user_features, friends_of, relations_of

Known = list[dict[str, AttributeValue]]
PEOPLE: Known = [
    {"age": 20.0 + number, "gender": "FM"[number % 2], "likes": ("tea", "cake")[: 1 + number % 2]}
    for number in range(16)
]


def test_a_number_is_a_number_and_a_band() -> None:
    features = fit_user_features(PEOPLE)
    assert features.types == {
        "age": AttributeType.NUMBER, "gender": AttributeType.CATEGORY, "likes": AttributeType.SEVERAL,
    }  # fmt: skip
    matrix = features.transform(PEOPLE)
    assert matrix.shape == (16, features.count)
    bands = matrix[:, features.attributes.count :]
    assert bands.shape[1] == BANDS
    assert bands.sum(axis=1).tolist() == [1.0] * 16
    assert bands.sum(axis=0).tolist() == [2.0] * BANDS
    assert (np.diff(bands.argmax(axis=1)) >= 0).all()


def test_nothing_known_is_zeros_and_one_thing_known_is_not() -> None:
    matrix = fit_user_features(PEOPLE).transform([{}, {"age": 25.0}, {"shoe size": 43.0}])
    assert not matrix[[0, 2]].any()
    assert matrix[1].any()


@pytest.mark.parametrize(
    "known",
    [[], [{}, {}], [{"country": "NZ"}] * 5, [{"age": 3.0}, {"age": 3.0}], [{"item_id": "a"}, {"item_id": "b"}]],
    ids=["nobody", "all missing", "one value", "one number", "a name that is taken"],
)
def test_attributes_that_tell_nobody_apart_are_left_out(known: Known) -> None:
    features = fit_user_features(known)
    assert features.count == 0
    assert features.transform(known).shape == (len(known), 0)


def test_one_value_that_some_lack_tells_them_apart() -> None:
    features = fit_user_features([{"country": "NZ"}] * 3 + [{"age": 1.0}, {"age": 2.0}])
    assert {"country", "age"} == set(features.types)


def test_a_column_of_texts_and_numbers_is_of_texts() -> None:
    known: Known = [{"zip": "94043"}, {"zip": 94043.0}, {"zip": "94043"}, {"zip": "02138"}, {"zip": "02138"}]
    features = fit_user_features(known)
    assert features.types == {"zip": AttributeType.CATEGORY}
    matrix = features.transform([*known, {"zip": "94043", "age": 3.0}])
    np.testing.assert_array_equal(matrix[0], matrix[2])
    np.testing.assert_array_equal(matrix[0], matrix[5])
    assert not matrix[1].any()
    numbers = fit_user_features([{"age": 1.0}, {"age": 2.0}])
    assert not numbers.transform([{"age": "two"}]).any()


def test_json_round_trip() -> None:
    features = fit_user_features(PEOPLE)
    again = UserFeatures.from_json(features.to_json())
    assert again == features
    np.testing.assert_array_equal(again.transform(PEOPLE), features.transform(PEOPLE))
    with pytest.raises(ValueError, match="no user features"):
        UserFeatures.from_json(["x"])


def test_no_order_of_users_has_a_say() -> None:
    order = np.random.default_rng(0).permutation(16)
    shuffled = [PEOPLE[row] for row in order.tolist()]
    plain, moved = fit_user_features(PEOPLE), fit_user_features(shuffled)
    assert (moved.types, moved.edges, moved.attributes.values) == (plain.types, plain.edges, plain.attributes.values)
    np.testing.assert_allclose(moved.transform(shuffled), plain.transform(PEOPLE)[order], atol=1e-6)


def test_relations_that_tell_nothing_are_passed_over() -> None:
    edges = [
        Relation("a", "b", 2.0), Relation("a", "a"), Relation("a", "stranger"), Relation("stranger", "b"),
        Relation("b", "c", 0.0), Relation("b", "a", -1.0), Relation("c", "a"),
    ]  # fmt: skip
    found = relations_of(edges, IdMap(["a", "b", "c"]))
    assert (found.users.tolist(), found.others.tolist(), found.weights.tolist()) == ([0, 2], [1, 0], [2.0, 1.0])
    assert len(relations_of([], IdMap(["a"])).users) == 0


def test_known_users_by_the_rows_of_a_log() -> None:
    known = KnownUsers({f"user-{row}": values for row, values in enumerate(PEOPLE)}, [Relation("user-3", "user-1")])
    table = known.table(IdMap(["user-3", "stranger", "user-1"]))
    assert not table.matrix[1].any()
    assert table.matrix[[0, 2]].any(axis=1).all()
    assert (table.relations.users.tolist(), table.relations.others.tolist()) == ([0], [2])
    assert (known.of("stranger"), known.of("user-2")) == ({}, PEOPLE[2])
    assert known.friends == {"user-3": [Relation("user-3", "user-1")]}


def test_renamed_users_are_who_they_were() -> None:
    known = KnownUsers({"a": {"age": 1.0}, "b": {"age": 2.0}}, [Relation("a", "c", 3.0)])
    assert known.user_ids == ["a", "b", "c"]
    renamed = known.renamed({"a": "x", "c": "z"})
    assert renamed == KnownUsers({"x": {"age": 1.0}, "b": {"age": 2.0}}, [Relation("x", "z", 3.0)])


def test_friends_of_somebody_the_log_does_not_know() -> None:
    mine = [Relation("new", "b", 2.0), Relation("new", "new"), Relation("new", "stranger"), Relation("new", "c", -1.0)]
    found = friends_of([mine, [], [Relation("a", "b")]], IdMap(["b", "c"]))
    assert (found.users.tolist(), found.others.tolist(), found.weights.tolist()) == ([0, 2], [0, 0], [2.0, 1.0])
    assert len(friends_of([[], []], IdMap(["a"])).users) == 0
