import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from embedders.encoder import Vectors
from embedders.spaces import (
    SAMPLE,
    Affine,
    centre,
    identity,
    in_hash_order,
    present,
    principal_axes,
    row_hashes,
    sample,
    unit,
)

rows_of_three = arrays(np.float32, st.tuples(st.integers(1, 12), st.just(3)), elements=st.integers(-3, 3))


@given(rows_of_three)
def test_a_unit_row_has_length_one_and_a_zero_row_stays_zero(rows: Vectors) -> None:
    lengths = np.linalg.norm(unit(rows), axis=1)
    assert unit(rows).dtype == np.float32
    np.testing.assert_allclose(lengths, present(rows).astype(float), atol=1e-6)


def test_unit_keeps_the_direction_of_more_than_two_dimensions() -> None:
    np.testing.assert_allclose(unit(np.asarray([[[3.0, 4.0], [0.0, 0.0]]], np.float32)), [[[0.6, 0.8], [0.0, 0.0]]])


def test_an_affine_map_by_hand() -> None:
    affine = Affine(np.asarray([1.0, 0.0], np.float32), np.asarray([[2.0], [3.0]], np.float32))
    rows = np.asarray([[2.0, 1.0], [0.0, 0.0], [1.0, 0.0]], np.float32)
    # (2 - 1) * 2 + 1 * 3; a missing row stays missing; the centre itself
    np.testing.assert_array_equal(affine(rows), [[5.0], [0.0], [0.0]])


def test_identity_changes_nothing() -> None:
    rows = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
    np.testing.assert_array_equal(identity(5)(rows), rows)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_equal_rows_do_not_become_zero_by_centring(count: int) -> None:
    rows = np.tile(np.asarray([[0.6, 0.8, 0.0]], np.float32), (count, 1))
    axes = principal_axes(rows, 2)
    np.testing.assert_allclose(np.linalg.norm(unit(axes(rows)), axis=1), 1.0, atol=1e-5)


def test_the_centre_nears_the_mean() -> None:
    rows = np.ones((999, 2), np.float32)
    np.testing.assert_allclose(centre(rows), 0.999, rtol=1e-6)


def test_principal_axes_find_the_planted_plane() -> None:
    draw = np.random.default_rng(1)
    plane = np.linalg.qr(draw.normal(size=(10, 2)))[0]
    rows = (draw.normal(size=(300, 2)) * [5.0, 2.0]) @ plane.T + 0.01 * draw.normal(size=(300, 10))
    found = principal_axes(rows.astype(np.float32), 2).matrix
    np.testing.assert_allclose(np.abs(plane.T @ found), np.eye(2), atol=0.05)


def test_principal_axes_are_orthonormal_and_no_more_than_there_are() -> None:
    rows = np.random.default_rng(2).normal(size=(30, 4)).astype(np.float32)
    matrix = principal_axes(rows, 9).matrix
    assert matrix.shape == (4, 4)
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(4), atol=1e-5)


@given(rows_of_three, st.randoms(use_true_random=False))
def test_a_sample_does_not_depend_on_the_order(rows: Vectors, random: object) -> None:
    shuffled = rows[np.random.default_rng(int(rows.sum()) % 100).permutation(len(rows))]
    np.testing.assert_array_equal(sample(rows), sample(shuffled))
    found = {tuple(row) for row in sample(rows).tolist()}
    assert len(found) == len(sample(rows))
    assert found == {tuple(row) for row in (rows + 0.0)[present(rows)].tolist()}


def test_a_sample_is_bounded() -> None:
    assert len(sample(np.arange(1, SAMPLE + 500, dtype=np.float32)[:, None])) == SAMPLE


def test_hashes_tell_rows_apart_by_content_alone() -> None:
    rows = np.asarray([[1.0, 2.0], [2.0, 1.0], [1.0, 2.0]], np.float32)
    digests = row_hashes(rows)
    assert digests.dtype == np.uint64
    assert digests[0] == digests[2] != digests[1]
    np.testing.assert_array_equal(row_hashes(np.asfortranarray(rows)), digests)
    assert len(row_hashes(rows[:0])) == 0


def test_hash_order_is_an_order_of_content() -> None:
    rows = np.random.default_rng(3).normal(size=(20, 3)).astype(np.float32)
    order = np.random.default_rng(4).permutation(20)
    first = rows[in_hash_order(rows, np.arange(20))]
    second = rows[order][in_hash_order(rows[order], np.arange(20))]
    np.testing.assert_array_equal(first, second)
    assert sorted(in_hash_order(rows, np.asarray([5, 3, 8])).tolist()) == [3, 5, 8]
