"""Exploration: new items at some places of a list, by chance, and how likely what stands there was to stand there.

Every so many places is a slot. A coin of its own, heads with the probability `share`, says whether a slot explores;
otherwise the item that was ranked there stays. The slots that explore show the items of the user's pool in a random
order, the first of them the first: any order alike ("epsilon", Sutton, Barto 1998), or that of rates drawn from what is
believed of each item ("thompson", see click_rate).

The propensity of an item at a slot is its probability under all of these draws, given the state. Before slot s, of the
slots of a page, r have explored with probability C(s, r) share^r (1 - share)^(s - r); then it shows the item that is
r-th in the order. Thus, with P(i is r-th) known exactly, so is

    P(i at s) = share * sum over r of C(s, r) share^r (1 - share)^(s - r) * P(i is r-th)

and the ranked item stays with what is left of 1. Nothing moves at other places: there the propensity is 1.
"""

from dataclasses import dataclass

import numpy as np

from ranker.click_rate import Mask, Values
from ranker.interactions import Rows


@dataclass(frozen=True, slots=True)
class Explored:
    """What the k slots of m users show: `chosen` (m, k) places in the pool, -1 where the ranked item stays.

    `propensities` (m, k) are the probabilities of just that.
    """

    chosen: Rows
    propensities: Values


def slots_of(offset: int, length: int, every: int) -> Rows:
    """Return the places, from 0, that are slots on a page of `length` items behind `offset`: the last of each `every`.

    Raises ValueError for `every` below 1.
    """
    if every < 1:
        raise ValueError(f"every is {every}; expected a number from 1")
    return np.flatnonzero(np.arange(offset + 1, offset + length + 1) % every == 0)


def even_chances(known: Mask, depth: int) -> Values:
    """Return (m, depth, n) how likely each item is r-th where every order of a user's `known` (m, n) is alike."""
    counts = known.sum(axis=1)[:, None, None]
    reached = np.arange(depth)[None, :, None] < counts
    return np.where(reached & known[:, None, :], 1.0 / np.maximum(counts, 1), 0.0)


def slot_chances(orders: Values, share: float) -> Values:
    """Return (m, k, n) the propensity of each item of the pool at each of k slots; `orders` (m, k, n) if it explores.

    Raises ValueError for a share outside 0..1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}; expected a number from 0 to 1")
    count = orders.shape[1]
    before = np.zeros((count, count))
    before[:1, :1] = 1.0
    for slot in range(1, count):
        before[slot] = before[slot - 1] * (1.0 - share)
        before[slot, 1:] += before[slot - 1, :-1] * share
    return np.asarray(share * (before @ orders))


def explore(orders: Values, priorities: Values, known: Mask, share: float, coins: Values) -> Explored:
    """Choose what k slots of m users show.

    `priorities` (m, n) are drawn so that an item of the `known` (m, n) is r-th from the top with the chance
    `orders` (m, k, n); `coins` (m, k) are uniform from 0 to 1. A pool that is used up leaves the ranked item.
    """
    chances = slot_chances(orders, share)
    heads = coins < share
    turns: Rows = np.cumsum(heads, axis=1) - heads
    explores = heads & (turns < known.sum(axis=1)[:, None])
    if not explores.any():
        return Explored(np.full(coins.shape, -1), 1.0 - chances.sum(axis=2))
    order = np.argsort(-np.where(known, priorities, -np.inf), axis=1, kind="stable")
    shown = np.take_along_axis(order, np.minimum(turns, known.shape[1] - 1), axis=1)
    taken = np.take_along_axis(chances, shown[:, :, None], axis=2)[:, :, 0]
    stays = np.maximum(1.0 - chances.sum(axis=2), 0.0)
    return Explored(np.where(explores, shown, -1), np.where(explores, taken, stays))
