"""Salted numbers: known values, and nothing but text and salt counts."""

import hashlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plait.evaluation.salted import salted


def test_it_is_the_first_half_of_blake2b() -> None:
    digest = hashlib.blake2b(b"3\x1fitem-7", digest_size=8).digest()
    assert salted(3, ["item-7"]).tolist() == [int.from_bytes(digest, "little")]


def test_nothing_has_no_numbers() -> None:
    numbers = salted(0, [])
    assert numbers.shape == (0,)
    assert numbers.dtype == np.uint64


@given(st.lists(st.text(), min_size=1), st.integers(0, 9))
def test_a_text_has_the_same_number_in_any_company(texts: list[str], salt: int) -> None:
    together = salted(salt, texts)
    assert together.tolist() == [salted(salt, [text])[0] for text in texts]


def test_another_salt_gives_another_order() -> None:
    texts = [str(number) for number in range(50)]
    orders = {tuple(np.argsort(salted(salt, texts)).tolist()) for salt in range(5)}
    assert len(orders) == 5
