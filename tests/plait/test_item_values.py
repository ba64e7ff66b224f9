"""Values of items by row: equal numbers for equal values, nothing for a missing one."""

import numpy as np
import pytest

from embedders.items import Item
from plait.attributes import AttributeType
from plait.errors import WrongCall
from plait.item_table import ItemTable
from plait.item_values import column_of, values_of


def test_by_hand() -> None:
    items = [
        Item("a", categories=("x", "y"), attributes={"year": 1990.0}),
        None,
        Item("b", categories=("y",), attributes={"year": 1995.0}),
        Item("c", attributes={"year": 1990.0}),
    ]
    table = ItemTable(items, {"year": AttributeType.NUMBER})
    rows = np.asarray([3, 0, -1, 2, 1, 0])

    def found(name: str) -> list[list[int]]:
        offsets, values = values_of(column_of(table, name), rows)
        return [part.tolist() for part in np.split(values, offsets[1:-1])]

    assert found("categories") == [[], [0, 1], [], [1], [], [0, 1]]
    assert found("year") == [[0], [0], [], [1], [], [0]]
    assert found("item_id")[:2] == [[2], [0]]
    assert values_of(column_of(table, "year"), np.empty(0, dtype=np.int64))[0].tolist() == [0]
    with pytest.raises(WrongCall, match="no attribute colour; known are categories, created_at, item_id, year"):
        column_of(table, "colour")
