"""Checks: rules that do not fit the catalogue are found when a workspace is first asked, not by some later question."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from plait.attributes import AttributeType
from plait.config import FILE
from plait.errors import BadData, WrongCall
from plait.item_values import column_of, values_of
from plait.list_rules import PLAIN, ListRules
from plait.moment import Moment
from plait.rules.in_force import InForce, in_force
from plait.rules.settings import Boost, Pin, Rules, Worth
from plait.stages import stage


@stage("rules")
def rules_for(moment: Moment, asked: ListRules) -> InForce:
    """Return the rules of a call.

    Raises BadData, when a process first asks, for rules of plait.toml that do not fit the catalogue, and WrongCall
    for such rules of the call.
    """
    held, config = moment.live.rules, moment.live.workspace.config
    if asked is PLAIN and held.plain is not None and held.plain[0] is config:
        return held.plain[1]
    if not held.checked:
        check_rules(moment)
        held.checked = True
    if asked is not PLAIN:
        for problem in call_problems(moment, asked):
            raise WrongCall(problem)
    found = in_force(config, asked)
    if asked is PLAIN and config.rules == Rules():
        # Nothing in it depends on the moment.
        held.plain = config, found
    return found


def check_rules(moment: Moment) -> None:
    """Raise BadData, one line, for the first rule of plait.toml that does not fit the catalogue."""
    workspace = moment.live.workspace
    for problem in workspace_problems(moment, workspace.config.rules):
        raise BadData(f"{workspace.folder / FILE}, rules.{problem}")


def workspace_problems(moment: Moment, rules: Rules) -> Iterator[str]:
    """Iterate over what is wrong with the rules of a workspace, as the key and what is the matter."""
    if rules == Rules():
        return
    caps = dict(rules.max_per) | ({rules.group_by: 1} if rules.group_by else {})
    if rules.require:
        yield from _wrong_where(moment, rules.require, "require")
    yield from _wrong_caps(moment, rules.max_per, "max_per")
    yield from _wrong_caps(moment, [rules.group_by] if rules.group_by else [], "group_by")
    yield from _wrong_pins(moment, rules.pins)
    for place, pin in enumerate(rules.pins):
        if pin.item in rules.exclude:
            yield f"pins.{place}: item {pin.item!r} is excluded as well"
    yield from _wrong_boosts(moment, rules.boosts)
    yield from _wrong_worth(moment, rules.objective, "objective.attribute")
    if all(name in moment.live.table(moment.index).columns for name in caps):
        yield from _crowded(moment, rules.pins, caps)


def call_problems(moment: Moment, asked: ListRules) -> Iterator[str]:
    """Iterate over what is wrong with the rules of a call."""
    for name, _ in asked.caps:
        column_of(moment.live.table(moment.index), name)
    yield from _wrong_pins(moment, asked.pins)
    yield from _wrong_boosts(moment, asked.boosts)
    if asked.objective is not None:
        yield from _wrong_worth(moment, asked.objective, "objective")
    twice = {pin.item for pin in asked.pins if pin.item} & set(asked.exclude)
    if twice:
        yield f"item {min(twice)!r} is pinned and excluded"
    if asked.pins:
        yield from _crowded(moment, asked.pins, dict(in_force(moment.live.workspace.config, asked).caps))


def _wrong_where(moment: Moment, expression: str, key: str) -> Iterator[str]:
    try:
        moment.live.rules.passing(moment, expression)
    except WrongCall as error:
        yield f"{key}: {error}"


def _wrong_caps(moment: Moment, names: Iterable[str], key: str) -> Iterator[str]:
    for name in names:
        try:
            column_of(moment.live.table(moment.index), name)
        except WrongCall as error:
            yield f"{key}: {error}"


def _wrong_pins(moment: Moment, pins: Sequence[Pin]) -> Iterator[str]:
    for place, pin in enumerate(pins):
        row = moment.index.rows([pin.item])[0] if pin.item else 0
        if pin.item and (row < 0 or not moment.index.alive[row]):
            yield f"pins.{place}: item {pin.item!r} is not in the catalogue"
        if pin.where:
            yield from _wrong_where(moment, pin.where, f"pins.{place}.where")


def _wrong_boosts(moment: Moment, boosts: Sequence[Boost]) -> Iterator[str]:
    for place, boost in enumerate(boosts):
        yield from _wrong_where(moment, boost.where, f"boosts.{place}.where")


def _wrong_worth(moment: Moment, worth: Worth, key: str) -> Iterator[str]:
    if not worth.attribute:
        return
    try:
        column = column_of(moment.live.table(moment.index), worth.attribute)
    except WrongCall as error:
        yield f"{key}: {error}"
        return
    if column.kind is not AttributeType.NUMBER:
        yield f"{key}: {worth.attribute} is a {column.kind}; expected a number"


def _crowded(moment: Moment, pins: Sequence[Pin], caps: dict[str, int]) -> Iterator[str]:
    """Iterate over caps that pinned items break together, at a moment when some pin begins to hold."""
    named = [pin for pin in pins if pin.item]
    for begin in sorted({-np.inf if pin.since is None else pin.since for pin in named}):
        item_ids = [pin.item for pin in named if pin.holds(begin)]
        rows = moment.index.rows(item_ids)
        for name, limit in caps.items():
            _, values = values_of(column_of(moment.live.table(moment.index), name), rows)
            most = max(Counter(values.tolist()).values(), default=0)
            if most > limit:
                yield f"pins: {most} pinned items share a value of {name}; the cap is {limit}"
                return
