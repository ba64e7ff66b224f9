"""Paired differences: by how much a model is better for the same users, where intervals of two means may overlap."""

from collections.abc import Mapping

import numpy as np

from plait.evaluation.bootstrap import Interval, intervals
from plait.evaluation.observations import Values


def differences(models: Mapping[str, Values], metric: str) -> dict[str, dict[str, Interval]]:
    """Return `{"a - b": {metric: interval}}` of each model a and the best other one b, judged by the mean of `metric`.

    `models` hold values (n,) of the same n users in the same order.
    """
    means = {name: float(np.nanmean(values[metric])) for name, values in models.items()}
    found = {}
    for name, values in models.items():
        others = [other for other in models if other != name]
        if others:
            rival = max(others, key=lambda other: means[other])
            paired = {key: column - models[rival][key] for key, column in values.items()}
            found[f"{name} - {rival}"] = intervals(paired)
    return found
