"""Scenarios: settings for a kind of service, one annotated file each, which stand under what plait.toml says itself."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any, Literal, get_args

Scenario = Literal["", "shop", "video", "music", "social"]
SCENARIOS: tuple[str, ...] = tuple(name for name in get_args(Scenario) if name)


def scenario_text(name: str) -> str:
    """Return the annotated settings of a scenario, TOML as in plait.toml."""
    return resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")


def with_scenario(own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a plait.toml with those of the `scenario` it names where it does not say others.

    Tables are joined key by key, weights of events too. A name that is none changes nothing: it is refused when the
    settings are checked.
    """
    name = own.get("scenario")
    return _joined(tomllib.loads(scenario_text(name)), own) if name in SCENARIOS else dict(own)


def _joined(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        key: _joined(under[key], value) if isinstance(value, dict) and isinstance(under.get(key), dict) else value
        for key, value in over.items()
    }
    return {**under, **both}
