"""Salted numbers of texts, by which whatever ties is ordered."""

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Ties = NDArray[np.uint64]
"""(n,) a number for each text; equal scores and equal times are ordered by it, smallest first."""


def salted(salt: int, texts: Iterable[str]) -> Ties:
    """Return the first 64 bits of BLAKE2b (RFC 7693) of each salted text.

    A number depends on its own text and the salt and on nothing else: no row order and no order of ids shows in it.
    """
    digests = [hashlib.blake2b(f"{salt}\x1f{text}".encode(), digest_size=8).digest() for text in texts]
    return np.frombuffer(bytearray(b"".join(digests)), dtype="<u8")
