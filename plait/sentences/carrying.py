"""Carrying: which part of a score lifts an item above others."""

from collections.abc import Mapping, Sequence

import numpy as np

SUBSTANTIAL = 1 / 3
"""What carries an item gives at least this share of all that speaks for it."""
NOTICEABLE = 0.01
"""And at least this much of the score, or the logit: less is rounding."""


def usual_parts(some: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of each part over `some` items of the catalogue; a part that an item lacks is 0 there."""
    names = dict.fromkeys(name for parts in some for name in parts)
    return {name: float(np.mean([parts.get(name, 0.0) for parts in some])) for name in names}


def carrying(parts: Mapping[str, float], usual: Mapping[str, float]) -> str:
    """Return the part that carries an item, "" where none does.

    What a part does for an item is what it gives beyond what it gives items in the mean, `part - usual`: in a sum that
    is its Shapley value (linear SHAP, Lundberg, Lee 2017). A part of 0 says nothing of the item and carries nothing,
    also where others have less; of equal ones the first carries.
    """
    beyond = {name: value - usual.get(name, 0.0) for name, value in parts.items()}
    ahead = sum(value for value in beyond.values() if value > 0)
    most = max(beyond, key=lambda name: beyond[name], default="")
    if not most or not parts[most] or beyond[most] < max(SUBSTANTIAL * ahead, NOTICEABLE):
        return ""
    return most
