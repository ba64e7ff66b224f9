"""The item side grows and is picked from without losing anything."""

from dataclasses import fields

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.sides import ItemSide


def side(count: int, *, seed: int = 0) -> ItemSide:
    rng = np.random.default_rng(seed)
    factors, sequence, taste, cold = (rng.normal(size=(count, wide)).astype(np.float32) for wide in (3, 5, 2, 4))
    return ItemSide(
        rng.integers(-1, 99, count), rng.random(count) < 0.5, factors, rng.random(count).astype(np.float32),
        rng.integers(-1, 9, count), sequence, taste, cold, cold[:, :2],
    )  # fmt: skip


def equal(one: ItemSide, other: ItemSide) -> bool:
    return all(np.array_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(ItemSide))


@given(st.integers(0, 8), st.integers(0, 8))
@settings(max_examples=30, deadline=None)
def test_extending_keeps_both(first: int, second: int) -> None:
    one, other = side(first), side(second, seed=1)
    both = one.extend(other)
    assert len(both) == first + second
    assert equal(both.take(np.arange(first)), one)
    assert equal(both.take(np.arange(first, first + second)), other)


def test_extending_copies() -> None:
    one = side(2)
    both = one.extend(side(1, seed=1))
    both.factors[0] = 9.0
    assert not (one.factors[0] == 9.0).any()
