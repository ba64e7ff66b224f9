"""Figures of a benchmark: a line each as they come, or all at once as JSON."""

import json
from collections.abc import Iterable, Mapping


def print_figures(figures: Iterable[Mapping[str, object]], *, as_json: bool) -> None:
    """Print each as soon as it is there, or nothing but one JSON list at the end."""
    found = []
    for each in figures:
        found.append(each)
        if not as_json:
            print(*(f"{name} {value}" for name, value in each.items()), sep="  ", flush=True)
    if as_json:
        print(json.dumps(found))
