"""Paired differences: by how much a model is better for the same users, where intervals of two means may overlap."""

from collections.abc import Mapping, Sequence

import numpy as np

from plait.evaluation.bootstrap import Interval, intervals
from plait.evaluation.observations import Observations


def differences(
    models: Mapping[str, Sequence[Observations]], metric: str, *, against: Mapping[str, str] | None = None
) -> dict[str, dict[str, Interval]]:
    """Return `{"a - b": {metric: interval}}` of each model a and the best other one b, judged by the mean of `metric`.

    A model that `against` names is compared with the one it gives, and is nobody's best other.

    `models` hold what was observed split by split, the same splits in the same order. Which one is best is judged on
    the splits that all have, for one salt may be easier than another; two are compared on those that both have.
    """
    fixed, found = against or {}, {}
    rivals = {name: parts for name, parts in models.items() if name not in fixed}
    count = min((len(parts) for parts in rivals.values()), default=0)
    means = {name: _mean(parts[:count], metric) for name, parts in rivals.items()}
    for name, parts in models.items():
        others = [other for other in rivals if other != name]
        rival = fixed.get(name) or max(others, key=lambda other: means[other], default=None)
        if rival is not None:
            found[f"{name} - {rival}"] = _paired(parts, models[rival])
    return found


def _mean(parts: Sequence[Observations], metric: str) -> float:
    return float(np.nanmean(Observations.joined(parts).by_user()[metric]))


def _paired(mine: Sequence[Observations], theirs: Sequence[Observations]) -> dict[str, Interval]:
    count = min(len(mine), len(theirs))
    own, other = (Observations.joined(parts[:count]).by_user() for parts in (mine, theirs))
    both = [metric for metric in own if metric in other]
    return intervals({metric: own[metric] - other[metric] for metric in both})
