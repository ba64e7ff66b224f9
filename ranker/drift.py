"""Drift: evidence that a stream of numbers has grown larger, with a bound on how often it is false.

A conformal test martingale (Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2nd edition, 2022):
while the numbers come in an order that says nothing, their p-values are independent and uniform, and who bets on small
ones wins nothing in the mean. By Ville's inequality the chance that the capital, 1 at first, ever reaches 1 / a is at
most a, however long it is watched.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

STAKES = (0.25, 0.5, 1.0, 2.0)
"""How boldly is bet that p is small: `1 + stake * (1/2 - p)` is won; the bolder, the larger the change it is for."""
RICHEST = 1e100
"""Capital beyond which no more is counted: an alarm is long past."""


def p_values(numbers: Sequence[float], rng: np.random.Generator) -> Iterator[float]:
    """Yield for each number the share of those up to it that are larger, ties broken by chance: small for large ones.

    One number is drawn from `rng` for each, so that the beginning of a longer stream gives the same.
    """
    known: list[float] = []
    for number in numbers:
        insort(known, number)
        first, last = bisect_left(known, number), bisect_right(known, number)
        yield (len(known) - last + rng.random() * (last - first)) / len(known)


def capital(chances: Iterator[float] | Sequence[float]) -> Iterator[float]:
    """Yield what a stake of 1 has become after each p-value.

    Nobody knows when a change begins: of what is kept back, 1 / (n + 1) is put on it before the n-th p-value, and on
    each of STAKES alike, where it stays. A change after n numbers is so found but some 2 ln n later in the logarithm.
    """
    stakes = np.asarray(STAKES)
    kept, placed = 1.0, np.zeros(len(stakes))
    for n, chance in enumerate(chances, start=1):
        placed += kept / ((n + 1) * len(stakes))
        kept *= n / (n + 1)
        placed = np.minimum(placed * (1.0 + stakes * (0.5 - chance)), RICHEST)
        yield float(kept + placed.sum())


def alarm(
    numbers: Sequence[float], *, false_alarms: float, seed: int, before: Sequence[float] = ()
) -> int | None:  # fmt: skip
    """Return after how many numbers they are known to have grown larger, None while they are not.

    They are held against those `before` and one another. The chance of an answer is at most `false_alarms`, in all, for
    numbers whose order says nothing, nor that of those before: p-values are independent of the earlier ones, so that
    who begins to bet with the first of `numbers` has won nothing by then, whatever there was to win. Numbers that come
    later change no answer but None. Raises ValueError for a chance that is none.
    """
    if not 0.0 < false_alarms < 1.0:
        raise ValueError(f"false_alarms is {false_alarms}; expected a chance between 0 and 1")
    chances = p_values([*before, *numbers], np.random.default_rng(seed))
    won = capital(islice(chances, len(before), None))
    return next((place for place, now in enumerate(won, start=1) if now >= 1.0 / false_alarms), None)


def shares_above(scores: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (m,) the share of `others` (m, c) that score above `scores` (m,), ties half: 0 is the best rank, 1 last.

    NaN, where there are no others.
    """
    above = (others > scores[:, None]).sum(axis=1) + 0.5 * (others == scores[:, None]).sum(axis=1)
    return np.asarray(above / others.shape[1]) if others.shape[1] else np.full(len(scores), np.nan)
