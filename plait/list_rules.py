"""ListRules: what one call wants its list to be like, beside what plait.toml says of every list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from plait.asked_ids import asked_ids
from plait.errors import WrongCall
from plait.selection import SelectionOptions

if TYPE_CHECKING:
    from plait.rules.settings import Boost, Pin, Worth
    from plait.section import Section

    Made = TypeVar("Made", bound=Section)


@dataclass(frozen=True, slots=True)
class ListRules:
    """How much the items of a list differ, how many may share a value, what is left out, lifted, and fixed.

    `diversity` lies from 0, the ranking as it is, to 1; None is what plait.toml says. `max_per` are items a value by
    attribute; `group_by` is an attribute of whose values each has one item. `exclude` are ids left out; `pins` and
    `boosts` join those of plait.toml, and a pin stands instead of one there for the same place or item; `objective`
    stands instead of the one there. `at`, in Unix seconds, is the moment the list is for, now unless said. Raises
    WrongCall for other numbers, and for rules that contradict each other.
    """

    diversity: float | None = None
    max_per: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    group_by: str | None = None
    exclude: Sequence[str] = ()
    pins: Sequence["Pin"] = ()
    boosts: Sequence["Boost"] = ()
    objective: "Worth | None" = None
    at: float | None = None

    def __post_init__(self) -> None:
        if self.diversity is not None and not 0 <= self.diversity <= 1:
            raise WrongCall(f"diversity {self.diversity}: expected a number from 0 to 1")
        for name, limit in self.max_per.items():
            if limit < 1:
                raise WrongCall(f"max-per {name}={limit}: expected a number from 1")
        if self.group_by == "":
            raise WrongCall("group-by: expected an attribute, got an empty name")
        if self.group_by is not None and self.max_per.get(self.group_by, 1) != 1:
            raise WrongCall(f"max-per {self.group_by}={self.max_per[self.group_by]} contradicts group-by")
        places = [pin.place for pin in self.pins]
        twice = next((place for place in places if places.count(place) > 1), None)
        if twice is not None:
            raise WrongCall(f"pins: two items for place {twice}; expected one")

    @property
    def caps(self) -> tuple[tuple[str, int], ...]:
        """Attributes and how many items of a list may share a value of theirs."""
        limits = dict(self.max_per) | ({} if self.group_by is None else {self.group_by: 1})
        return tuple(limits.items())


PLAIN = ListRules()
"""No rules but those of plait.toml."""


class RecommendOptions(SelectionOptions, total=False):
    """Selection and rules as keyword arguments of a call.

    `pins` are places by item, `boosts` what is added to the logit by expression, `objective` the numbers of
    [rules.objective].
    """

    diversity: float | None
    max_per: Mapping[str, int] | None
    group_by: str | None
    exclude: Sequence[str] | None
    pins: Mapping[str, int] | None
    boosts: Mapping[str, float] | None
    objective: Mapping[str, float | str] | None
    at: float | None


RULES = frozenset({"diversity", "max_per", "group_by", "exclude", "pins", "boosts", "objective", "at"})
"""The keyword arguments that are rules."""


def rules_of(options: RecommendOptions) -> ListRules:
    """Return the rules that keyword arguments ask for. Raises WrongCall."""
    if not options.keys() & RULES:
        return PLAIN
    objective, at = options.get("objective"), options.get("at")
    if isinstance(at, str | bool):
        raise WrongCall(f"at {at!r}: expected Unix seconds")
    return ListRules(
        options.get("diversity"), options.get("max_per") or {}, options.get("group_by"),
        asked_ids(options.get("exclude") or (), "exclude"), pins_of(options.get("pins") or {}),
        boosts_of(options.get("boosts") or {}), None if objective is None else worth_of(objective), at,
    )  # fmt: skip


def pins_of(places: Mapping[str, int]) -> tuple["Pin", ...]:
    """Return pins of places from 1 by item. Raises WrongCall for another place."""
    from plait.rules.settings import Pin

    if not isinstance(places, Mapping):
        raise WrongCall(f"pins is {places!r:.80}; expected places by item")
    return tuple(_made(Pin, f"pin {item}={place}", item=item, place=place) for item, place in places.items())


def boosts_of(lifts: Mapping[str, float]) -> tuple["Boost", ...]:
    """Return boosts of logits by expression. Raises WrongCall for a number beyond -10 to 10."""
    from plait.rules.settings import Boost

    return tuple(_made(Boost, f"boost {where}", where=where, by=by) for where, by in lifts.items())


def worth_of(numbers: Mapping[str, float | str]) -> "Worth":
    """Return what [rules.objective] would be with these numbers. Raises WrongCall."""
    from plait.rules.settings import Worth

    return _made(Worth, "objective", **numbers)


def _made(kind: "type[Made]", name: str, **values: Any) -> "Made":
    from pydantic import ValidationError

    from plait.section import complaint

    try:
        return kind(**{key: _plain(value) for key, value in values.items()})
    except ValidationError as error:
        raise WrongCall(f"{name}: {complaint(error)}") from error


def _plain(value: Any) -> Any:
    """Return a number of NumPy as one of Python, and everything else as it is."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else value
