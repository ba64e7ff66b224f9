"""Users and relations."""

import pytest

from plait.attributes import AttributeType, infer_types
from plait.catalog import read_relations, read_users, user_columns
from plait.errors import BadData
from plait.records import Relation, User
from plait.tables import open_table


def test_users_with_typed_attributes() -> None:
    rows = open_table(
        [{"user_id": "007", "age": 24, "zip": "02138"}, {"user_id": "NA", "age": None, "zip": "94043"}], "users"
    )
    types = infer_types(rows, user_columns(rows))
    assert types == {"age": AttributeType.NUMBER, "zip": AttributeType.CATEGORY}
    found = [row.value for row in read_users(rows, types)]
    assert found == [User("007", {"age": 24.0, "zip": "02138"}), User("NA", {"zip": "94043"})]


def test_bad_users() -> None:
    rows = open_table([{"user_id": "a", "age": "old"}, {"user_id": ""}, {"user_id": "b"}, {"user_id": "b"}], "users")
    errors = [str(row.error) for row in read_users(rows, {"age": AttributeType.NUMBER}) if row.error]
    assert errors == [
        "users, row 1, column age: 'old' is no number",
        "users, row 2, column user_id: empty",
        "users, row 4, column user_id: 'b' stands at row 3 already",
    ]
    with pytest.raises(BadData, match="users: no column user_id"):
        user_columns(open_table([{"name": "a"}], "users"))


def test_relations() -> None:
    rows = open_table([{"user_id": "a", "other_id": "b"}, {"user_id": "b", "other_id": "a", "weight": "0.5"}], "graph")
    assert [row.value for row in read_relations(rows)] == [Relation("a", "b", 1.0), Relation("b", "a", 0.5)]


def test_bad_relations() -> None:
    rows = open_table(
        [
            {"user_id": "a", "other_id": ""},
            {"user_id": "", "other_id": "b"},
            {"user_id": "a", "other_id": "b", "weight": "x"},
        ],
        "graph",
    )
    errors = [str(row.error) for row in read_relations(rows) if row.error]
    assert errors == [
        "graph, row 1, column other_id: empty",
        "graph, row 2, column user_id: empty",
        "graph, row 3, column weight: 'x' is no number",
    ]
    for missing in ({"user_id": "a"}, {"other_id": "a"}):
        with pytest.raises(BadData, match="graph: no column"):
            read_relations(open_table([missing], "graph"))
