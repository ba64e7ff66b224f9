"""The item side grows and is picked from without losing anything."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.sides import ItemSide


def side(count: int, *, seed: int = 0) -> ItemSide:
    rng = np.random.default_rng(seed)
    return ItemSide(
        rng.normal(size=(count, 3)).astype(np.float32), rng.random(count) < 0.5,
        rng.random(count).astype(np.float32), rng.integers(-1, 9, count),
    )  # fmt: skip


def equal(one: ItemSide, other: ItemSide) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("factors", "met", "popularity", "places")
    )


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
