"""The section [rules] of plait.toml; a call that brings rules of its own says them with the same classes."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from plait.section import Name, Section, Several

Positive = Annotated[float, Field(gt=0)]
NO_TIME = PydanticCustomError("time_type", "no time")


def seconds_of(value: object) -> object:
    """Return Unix seconds of a date, of a time, or of either as ISO 8601; UTC where no zone is named.

    Numbers, and what is no time, are returned as they are. Raises for a text that is none.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise NO_TIME from error
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, bool):
        raise NO_TIME
    return value


Instant = Annotated[float | None, BeforeValidator(seconds_of)]
"""Unix seconds, None for no bound."""


class Dated(Section):
    """A rule that may hold for some time only: from a moment on, and before another."""

    model_config = ConfigDict(populate_by_name=True)

    since: Instant = Field(default=None, alias="from")
    until: Instant = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise ValueError("its `from` must lie before its `until`")
        return self

    def holds(self, at: float) -> bool:
        """Return whether the rule holds at a moment in Unix seconds."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


class Pin(Dated):
    """An item that stands at an exact place: the one named, or else the best that passes `where`."""

    place: int = Field(ge=1)
    item: str = ""
    where: str = ""
    """With `item`, it is pinned only while it passes."""

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not self.item and not self.where:
            raise ValueError("a pin needs `item` or `where`")
        return self


class Boost(Dated):
    """What is added to the logit of items that pass `where`; below 0 lowers them."""

    where: str = Field(min_length=1)
    by: float = Field(ge=-10, le=10)


class Fatigue(Section):
    """What showings do that nothing came of."""

    impressions: int = Field(default=0, ge=0)
    """After so many within `days` an item stands behind all others; 0 is no fatigue."""
    days: float = Field(default=14.0, gt=0)
    """How long a showing counts, evenly less and less."""
    lowers: float = Field(default=0.1, ge=0, le=5)
    """What a showing of this moment takes off the logit."""


class Fresh(Section):
    """How many of the first places are for items that are young."""

    items: int = Field(default=0, ge=0)
    """At least so many; 0 is no quota."""
    of: int = Field(default=10, ge=1)
    days: float = Field(default=30.0, gt=0)
    """An item is fresh for so long after `created_at`, or else after its first event."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.items > self.of:
            raise ValueError(f"{self.items} fresh items do not fit into the first {self.of} places")
        return self


class Worth(Section):
    """How much what a user does with an item is worth, in any one unit."""

    click: float = Field(default=0.0, ge=0)
    dwell: float = Field(default=0.0, ge=0)
    """Of a minute."""
    purchase: float = Field(default=0.0, ge=0)
    value: float = Field(default=0.0, ge=0)
    """Of each unit of what a purchase brings."""
    attribute: str = ""
    """A number of the item, such as its margin, that a purchase brings; the value of its purchases unless said."""
    strength: float = Field(default=1.0, ge=0, le=1)
    """How far worth counts beside taste; 0 is no objective, 1 ranks by the worth to be expected."""

    @property
    def says_something(self) -> bool:
        """Whether anything is worth anything."""
        return self.strength > 0 and any((self.click, self.dwell, self.purchase, self.value))


class Rules(Section):
    """What is done to every list of recommendations."""

    require: str = ""
    """An expression of plait.where that every item must pass."""
    exclude: Several[Name] = ()
    """Items that are never shown."""
    bought_once: bool = False
    """Whether what was bought is left out for ever, whatever else is asked for."""
    consumable: Mapping[Name, Positive] = Field(default_factory=dict)
    """Categories of which a bought item comes back, and after how many days."""
    max_per: Mapping[Name, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    """At most so many items of a list share a value of an attribute."""
    group_by: str = ""
    """An attribute of whose values each has one item."""
    pins: Several[Pin] = ()
    boosts: Several[Boost] = ()
    fatigue: Fatigue = Fatigue()
    fresh: Fresh = Fresh()
    objective: Worth = Worth()

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.max_per.get(self.group_by, 1) != 1:
            raise ValueError(f"max_per {self.group_by}={self.max_per[self.group_by]} contradicts group_by")
        for place, pin in enumerate(self.pins):
            for other in self.pins[:place]:
                if _meet(pin, other) and (pin.place == other.place or pin.item == other.item != ""):
                    what = f"place {pin.place}" if pin.place == other.place else f"item {pin.item!r}"
                    raise ValueError(f"two pins at once for {what}")
        return self


def _meet(one: Dated, other: Dated) -> bool:
    """Return whether two rules ever hold at the same time."""
    ends = [rule.until for rule in (one, other) if rule.until is not None]
    begins = [rule.since for rule in (one, other) if rule.since is not None]
    return not ends or not begins or max(begins) < min(ends)
