"""IdMap translates both ways and loses nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import IdMap

IDS = st.lists(st.text(), unique=True)


@given(ids=IDS)
def test_rows_and_ids_are_inverse(ids: list[str]) -> None:
    id_map = IdMap(ids)
    assert len(id_map) == len(ids)
    assert list(id_map) == ids
    assert id_map.rows(ids).tolist() == list(range(len(ids)))
    assert id_map.ids(np.arange(len(ids))) == ids


@given(ids=IDS, asked=st.lists(st.text()))
def test_unknown_ids_are_minus_one(ids: list[str], asked: list[str]) -> None:
    id_map = IdMap(ids)
    rows = id_map.rows(asked)
    assert rows.dtype == np.int64
    assert rows.tolist() == [ids.index(item) if item in ids else -1 for item in asked]
    assert [item in id_map for item in asked] == [item in ids for item in asked]


@given(ids=IDS, rows=st.lists(st.integers(0, 100)))
def test_rows_in_any_order_and_again(ids: list[str], rows: list[int]) -> None:
    kept = [row for row in rows if row < len(ids)]
    assert IdMap(ids).ids(np.array(kept, dtype=np.int64)) == [ids[row] for row in kept]


def test_ids_that_look_like_values_stay_text() -> None:
    ids = ["007", "7", "NA", "None", "", " ", "nan", "1.0", "é", "e\u0301"]
    assert IdMap(ids).ids(IdMap(ids).rows(ids)) == ids


def test_an_id_given_twice_is_named() -> None:
    with pytest.raises(ValueError, match="ids holds 'b' twice"):
        IdMap(["a", "b", "c", "b"])


@pytest.mark.parametrize("row", [-1, 2])
def test_a_row_outside_is_refused(row: int) -> None:
    with pytest.raises(ValueError, match=r"expected 0\.\.1"):
        IdMap(["a", "b"]).ids(np.array([0, row]))


def test_the_map_does_not_follow_the_list_it_came_from() -> None:
    ids = ["a", "b"]
    id_map = IdMap(ids)
    ids.append("c")
    assert list(id_map) == ["a", "b"]
