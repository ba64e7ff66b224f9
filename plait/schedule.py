"""The sections [schedule] and [models] of plait.toml: what `plait tend` does by itself, and within what bounds."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from plait.section import Section, Several

Cause = Literal["drift", "volume"]
Retrain = Literal["drift", "volume", "both", "never"]
BUDGET = re.compile(r"(\d+(?:\.\d+)?)(s|m|h)")
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
LAST_HOUR = 24


def seconds_of_budget(text: str) -> float:
    """Return seconds of a budget such as 90s, 10m or 2h. Raises ValueError."""
    found = BUDGET.fullmatch(text.strip())
    if not found or float(found[1]) <= 0:
        raise ValueError("expected a time such as 90s, 10m or 2h")
    return float(found[1]) * UNITS[found[2]]


def _checked_budget(text: str) -> str:
    seconds_of_budget(text)
    return text


def _checked_hours(hours: tuple[int, ...]) -> tuple[int, ...]:
    if len(hours) not in (0, 2) or any(not 0 <= hour <= LAST_HOUR for hour in hours):
        raise ValueError("expected [] or two hours from 0 to 24, such as [1, 5]")
    return hours


class Schedule(Section):
    """When models are learnt anew, and what that may cost."""

    retrain: Retrain = "both"
    """What is heeded: tastes that have changed (drift), how much was recorded (volume), both, or neither."""
    after_events: int = Field(default=1_000, ge=1)
    """Volume: as many new events, and"""
    after_share: float = Field(default=0.2, ge=0)
    """as large a share of those learnt from, whichever is more."""
    false_alarms: float = Field(default=0.01, gt=0, lt=1)
    """Drift: the chance that likings which do not change ever lead to a training, for each model."""
    budget: Annotated[str, AfterValidator(_checked_budget)] = "10m"
    """Time for a training."""
    memory: int = Field(default=4_000_000_000, gt=0)
    """Bytes of memory that a training may hold; it is stopped at more."""
    hours: Annotated[Several[int], AfterValidator(_checked_hours)] = ()
    """From and before which hours of the day, by this machine's clock, a training may begin; any where empty."""

    def heeds(self, cause: Cause) -> bool:
        """Return whether a cause leads to a training."""
        return self.retrain in (cause, "both")

    def is_time(self, hour: int) -> bool:
        """Return whether a training may begin in an hour of the day, 0 to 23; hours may go past midnight."""
        if not self.hours:
            return True
        first, last = self.hours
        return first <= hour < last if first <= last else hour >= first or hour < last

    def enough(self, events: int, learnt: int) -> bool:
        """Return whether as many new events are a reason to learn anew for models learnt from `learnt` events."""
        return events >= max(self.after_events, self.after_share * learnt)


class ModelsKept(Section):
    """Which models stay."""

    kept: int = Field(default=3, ge=0)
    """How many stay beside the one that answers, the one before it and those that were promoted."""
