"""InForce: the rules of one answer: those of plait.toml and those of the call, at a moment."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from plait.config import Config, DiversityMethod
from plait.list_rules import ListRules
from plait.rules.settings import Boost, Fatigue, Fresh, Pin, Worth


@dataclass(frozen=True, slots=True)
class InForce:
    """What holds at the moment `at`, in Unix seconds; see `plait.rules.settings` for each."""

    at: float
    diversity: float
    diversity_method: DiversityMethod
    require: str
    exclude: tuple[str, ...]
    bought_once: bool
    consumable: Mapping[str, float]
    caps: tuple[tuple[str, int], ...]
    pins: tuple[Pin, ...]
    boosts: tuple[Boost, ...]
    fatigue: Fatigue
    fresh: Fresh
    objective: Worth

    @property
    def leaves_order(self) -> bool:
        """Whether the order of a list is that of the ranker's scores."""
        adjusted = self.boosts or self.fatigue.impressions or self.objective.says_something
        return not (self.diversity or self.caps or self.pins or self.fresh.items or adjusted)

    @property
    def knows_purchases(self) -> bool:
        """Whether it matters what a user bought."""
        return self.bought_once or bool(self.consumable)


def in_force(config: Config, asked: ListRules) -> InForce:
    """Return the rules of a call: its own go before those of plait.toml, and what is dated must hold."""
    at = time.time() if asked.at is None else asked.at
    settings, rules = config.recommend, config.rules
    caps = dict(rules.max_per) | ({rules.group_by: 1} if rules.group_by else {}) | dict(asked.caps)
    taken = {pin.place for pin in asked.pins}, {pin.item for pin in asked.pins if pin.item}
    pins = [*asked.pins, *(pin for pin in rules.pins if pin.place not in taken[0] and pin.item not in taken[1])]
    return InForce(
        at,
        settings.diversity if asked.diversity is None else asked.diversity,
        settings.diversity_method,
        rules.require,
        (*rules.exclude, *asked.exclude),
        rules.bought_once,
        rules.consumable,
        tuple(caps.items()),
        tuple(sorted((pin for pin in pins if pin.holds(at)), key=lambda pin: pin.place)),
        tuple(boost for boost in (*rules.boosts, *asked.boosts) if boost.holds(at)),
        rules.fatigue,
        rules.fresh,
        rules.objective if asked.objective is None else asked.objective,
    )
