"""ListRules: what a list is to be like as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from plait.errors import WrongCall
from plait.selection import SelectionOptions


@dataclass(frozen=True, slots=True)
class ListRules:
    """How much the items of a list differ, and how many of them may share a value of an attribute.

    `diversity` lies from 0, the ranking as it is, to 1; None is what plait.toml says. `max_per` are items a value by
    attribute; `group_by` is an attribute of whose values each has one item. Raises WrongCall for other numbers.
    """

    diversity: float | None = None
    max_per: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    group_by: str | None = None

    def __post_init__(self) -> None:
        if self.diversity is not None and not 0 <= self.diversity <= 1:
            raise WrongCall(f"diversity {self.diversity}: expected a number from 0 to 1")
        for name, limit in self.max_per.items():
            if limit < 1:
                raise WrongCall(f"max-per {name}={limit}: expected a number from 1")
        if self.group_by == "":
            raise WrongCall("group-by: expected an attribute, got an empty name")

    @property
    def caps(self) -> tuple[tuple[str, int], ...]:
        """Attributes and how many items of a list may share a value of theirs; the tighter one of two rules."""
        limits = dict(self.max_per) | ({} if self.group_by is None else {self.group_by: 1})
        return tuple(limits.items())


PLAIN = ListRules()
"""No rules but those of plait.toml."""


class RecommendOptions(SelectionOptions, total=False):
    """Selection and rules as keyword arguments of a call."""

    diversity: float | None
    max_per: Mapping[str, int] | None
    group_by: str | None


def rules_of(options: RecommendOptions) -> ListRules:
    """Return the rules that keyword arguments ask for. Raises WrongCall."""
    return ListRules(options.get("diversity"), options.get("max_per") or {}, options.get("group_by"))
