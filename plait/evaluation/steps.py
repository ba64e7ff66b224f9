"""Steps: how far an evaluation is, and how long the rest will take."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """`done` of `total` runs are done; `what` was found; `seconds_left` is None until every model has run once."""

    done: int
    total: int
    what: str
    seconds_left: float | None = None

    def __str__(self) -> str:
        """Return the step in one line."""
        left = "" if self.seconds_left is None or self.done == self.total else f", {_shown(self.seconds_left)} left"
        return f"[{self.done}/{self.total}{left}] {self.what}"


Progress = Callable[[Step], None]


class Schedule:
    """The runs that each model still has to make, and what its runs took so far."""

    def __init__(self, runs: Mapping[str, int]) -> None:
        """Take the number of runs by model."""
        self._left = dict(runs)
        self.total = sum(runs.values())
        self._took: dict[str, list[float]] = {name: [] for name in runs}

    def done(self, name: str, seconds: float, what: str) -> Step:
        """Note that one run of a model is done, and return how far everything is."""
        self._left[name] -= 1
        self._took[name].append(seconds)
        return Step(self.total - sum(self._left.values()), self.total, what, self._seconds_left())

    def at_most(self, runs: int, what: str) -> Step:
        """Note that no model will make more than `runs` runs from now on, and return how far everything is."""
        for name, count in self._left.items():
            self.total -= max(count - runs, 0)
            self._left[name] = min(count, runs)
        return Step(self.total - sum(self._left.values()), self.total, what, self._seconds_left())

    def _seconds_left(self) -> float | None:
        waiting = [name for name, count in self._left.items() if count]
        if any(not self._took[name] for name in waiting):
            return None
        return sum(self._left[name] * sum(self._took[name]) / len(self._took[name]) for name in waiting)


def _shown(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"
