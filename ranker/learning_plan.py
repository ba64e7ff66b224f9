"""Plan: what a training chose, as plain numbers, so that another repeats it without searching."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np

from ranker.attention import Attention
from ranker.combination import KNOTS, PARTS, Combination
from ranker.hold_out import HORIZONS, Horizon
from ranker.item_weights import ItemWeightSettings

MAPS = ("query", "key")
PLAN_KEYS = ("item_weights", "epochs", "further", "horizon", "attention", "knots", "bias")


@dataclass(frozen=True, slots=True)
class Plan:
    """Settings of the item weights, attention, the weights, and how long the sequence encoder learns.

    It learns `epochs` without what is held out (0: there is none), and then `further` ones from everything, anew or
    going on as its settings say; 0 of those leave it as it is.
    """

    item_weights: ItemWeightSettings
    epochs: int
    further: int
    horizon: Horizon
    attention: Attention
    combination: Combination

    def to_json(self) -> dict[str, object]:
        """Return what `from_json` reads."""
        attention = asdict(self.attention)
        return {
            "item_weights": asdict(self.item_weights),
            "epochs": self.epochs,
            "further": self.further,
            "horizon": self.horizon,
            "attention": {name: value.tolist() if name in MAPS else value for name, value in attention.items()},
            "knots": np.asarray(self.combination.knots, dtype=np.float64).tolist(),
            "bias": float(self.combination.bias),
        }

    @classmethod
    def from_json(cls, said: object) -> "Plan":
        """Read a plan. Raises ValueError that names what is wrong: keys too many or missing, or impossible values."""
        plan = _object(said, "the plan", PLAN_KEYS)
        shared = _object(plan["attention"], "attention", tuple(field.name for field in fields(Attention)))
        horizon = next((name for name in HORIZONS if name == plan["horizon"]), None)
        epochs, further = (_count(plan[name], name) for name in ("epochs", "further"))
        if horizon is None:
            raise ValueError(f"horizon {plan['horizon']!r}: expected one of {', '.join(HORIZONS)}")
        place = shared["place_constant"]
        maps = [_array(shared[name], name).astype(np.float32) for name in MAPS]
        attention = Attention(
            **{name: _number(shared[name], name) for name in ("sharpness", "liking", "fade", "ageing", "aversion")},
            place_constant=None if place is None else _number(place, "place_constant"),
            query=maps[0], key=maps[1],
        )  # fmt: skip
        knots = _array(plan["knots"], "knots")
        if knots.shape != (len(KNOTS), len(PARTS)) or (knots < 0).any():
            raise ValueError(f"knots: expected {len(KNOTS)} rows of {len(PARTS)} numbers from 0")
        names = tuple(field.name for field in fields(ItemWeightSettings))
        weights = _object(plan["item_weights"], "item_weights", names)
        item_weights = ItemWeightSettings(**{name: _number(weights[name], name) for name in names})
        if min(item_weights.regularization, item_weights.reach, item_weights.time_constant) <= 0:
            raise ValueError(f"{', '.join(names)}: expected numbers above 0")
        combination = Combination(knots, _number(plan["bias"], "bias"))
        return cls(item_weights, epochs, further, horizon, attention, combination)


def _object(said: object, name: str, keys: tuple[str, ...]) -> dict[str, object]:
    if not isinstance(said, Mapping):
        raise ValueError(f"{name}: expected an object of {', '.join(keys)}")
    if unknown := sorted(set(map(str, said)) - set(keys)):
        raise ValueError(f"{name} has unknown keys: {', '.join(unknown)}")
    if missing := [key for key in keys if key not in said]:
        raise ValueError(f"{name} lacks {', '.join(missing)}")
    return {str(key): value for key, value in said.items()}


def _count(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} {value!r}: expected a whole number from 0")
    return value


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise ValueError(f"{name} {value!r}: expected a finite number")
    return float(value)


def _array(value: object, name: str) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    if value == []:
        return np.zeros((0, 0))  # no map at all: a list does not tell how many columns no rows have
    try:
        found = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: expected rows of numbers") from error
    if found.ndim != 2 or not np.isfinite(found).all():
        raise ValueError(f"{name}: expected rows of finite numbers")
    return found
