"""Worth: what it brings when somebody turns to an item, and what that adds to the logit of a list made for it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

DWELL_PRIOR = 10.0
"""How many people of the average dwell each item is given: their spread is not known."""
WEAKEST, STRONGEST = 1.0, 1_000.0
FARTHEST = 3.0
"""The worth of an item is taken to be at most e^3 = 20 times the average, and at least a 20th."""


@dataclass(frozen=True, slots=True)
class Deeds:
    """Of n items, how many `people` (n,) did anything with each, how many clicked and bought it, minutes in all."""

    people: Values
    clickers: Values
    buyers: Values
    minutes: Values


def expected_worth(
    deeds: Deeds, prices: Values, *, click: float, dwell: float, purchase: float, value: float
) -> Values:
    """Return (n,) what is to be expected of one person who turns to an item.

    click c + dwell d + (purchase + value price) b, with c and b the shares of people who click and buy, and d their
    minutes, each drawn towards the average of all items: (k + s m) / (n + s), the mean of a beta posterior.
    `prices` (n,) is what a purchase brings, NaN for the average.
    """
    known = ~np.isnan(prices)
    mean = float(prices[known].mean()) if known.any() else 0.0
    brings = np.maximum(np.where(known, prices, mean), 0.0)
    clicks, buys = share(deeds.clickers, deeds.people), share(deeds.buyers, deeds.people)
    minutes = _drawn(deeds.minutes, deeds.people, DWELL_PRIOR)
    return np.asarray(click * clicks + dwell * minutes + (purchase + value * brings) * buys)


def share(of: Values, people: Values) -> Values:
    """Return (n,) posterior shares `of` / `people`; the prior's strength is learnt by the method of moments."""
    return _drawn(of, people, prior_strength(of, people))


def prior_strength(of: Values, people: Values) -> float:
    """Return how many people the prior of shares is worth: m (1 - m) / v - 1, v the variance among items.

    v is what the shares vary beyond what chance makes of them (Kleinman 1973); between WEAKEST and STRONGEST.
    """
    met = people > 0
    total = people[met].sum()
    if not total:
        return WEAKEST
    mean = of[met].sum() / total
    chance = mean * (1.0 - mean)
    variance = float((people[met] * (of[met] / people[met] - mean) ** 2).sum() - met.sum() * chance) / float(total)
    if variance <= 0:
        return STRONGEST
    return float(np.clip(chance / variance - 1.0, WEAKEST, STRONGEST))


def worth_part(worth: Values, strength: float) -> Values:
    """Return (n,) strength ln(worth / average), within FARTHEST: odds are multiplied by what they bring.

    With strength 1 a list is ranked by odds x worth. Zero everywhere where nothing is worth anything.
    """
    mean = float(worth.mean()) if len(worth) else 0.0
    if mean <= 0:
        return np.zeros(len(worth))
    least = np.exp(-FARTHEST)
    return np.asarray(strength * np.log(np.clip(worth / mean, least, 1.0 / least)))


def _drawn(sums: Values, people: Values, strength: float) -> Values:
    total = people.sum()
    mean = sums.sum() / total if total else 0.0
    return np.asarray((sums + strength * mean) / (people + strength))
