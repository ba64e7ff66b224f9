"""Every rule at once, in 1,000 random states of rules, catalogue and user: beside what is known without Plait."""

import random
from collections import Counter
from math import exp
from pathlib import Path
from typing import Any

import pytest

from plait.ranking import RankedItem
from plait.recommender import Recommender
from plait.rules.adjustments import ADDED
from plait.rules.settings import Boost, Fatigue, Fresh, Pin, Rules, Worth
from tests.plait.rules.world import DAY, NOW, World, forbidden, world_of

USERS = ["user-0", "user-1", "user-2", "user-3", "stranger"]
STATES, CHANGES = 200, 10
"""Rules drawn, each for all users; after so many the catalogue and the log change."""
REQUIRED = {"": 0, "stock > 0": 1, "stock >= 2": 2}
FAMILIES = ("cooking", "sailing", "space", "gardening")


def some_rules(rng: random.Random, item_ids: list[str]) -> Rules:
    """Draw a plait.toml in which each rule stands as often as not."""

    def maybe(value: Any, otherwise: Any) -> Any:
        return value if rng.random() < 0.5 else otherwise

    excluded = maybe(tuple(rng.sample(item_ids, 3)), ())
    free = [item_id for item_id in item_ids if item_id not in excluded]
    # Of different categories, so that no cap forbids a pin by itself.
    family = rng.sample(FAMILIES, 2)
    named = [rng.choice([i for i in free if i.startswith(name)]) for name in family]
    pins = tuple(Pin(place=place, item=i) for place, i in zip(rng.sample(range(1, 8), 2), named, strict=True))
    return Rules(
        require=rng.choice(list(REQUIRED)),
        exclude=excluded,
        bought_once=rng.random() < 0.5,
        consumable=maybe({rng.choice(FAMILIES): rng.choice([1, 35, 39]) for _ in range(2)}, {}),
        max_per=maybe({"categories": rng.randint(1, 4)}, {}),
        pins=maybe(pins, ()),
        boosts=maybe((Boost(where="maker = 'elm'", by=rng.uniform(-2, 2)),), ()),
        fatigue=maybe(Fatigue(impressions=rng.randint(1, 3), days=40), Fatigue()),
        fresh=maybe(Fresh(items=rng.randint(1, 3), of=rng.randint(3, 8), days=102.5), Fresh()),
        objective=maybe(Worth(click=1, purchase=5, value=1, attribute="stock"), Worth()),
    )


def check(world: World, rules: Rules, user_id: str, items: tuple[RankedItem, ...], asked: dict[str, Any]) -> None:
    """Compare a list with what is known without Plait."""
    ids = [item.item_id for item in items]
    assert len(set(ids)) == len(ids)
    assert [item.rank for item in items] == list(range(1, len(ids) + 1))
    out = forbidden(world, user_id, rules, include_seen=asked["include_seen"]) | set(asked["exclude"])
    least = REQUIRED[rules.require]
    eligible = {i for i, its in world.items.items() if int(str(its["stock"])) >= least and i not in out}
    if asked["where"]:
        eligible = {i for i in eligible if world.items[i]["maker"] != "oak"}
    assert set(ids) <= eligible
    cap = rules.max_per.get("categories", 100)
    there = Counter(str(world.items[i]["categories"]) for i in eligible)
    assert max(Counter(str(world.items[i]["categories"]) for i in ids).values(), default=0) <= cap
    assert len(ids) == min(asked["limit"], sum(min(count, cap) for count in there.values()))
    for pin in rules.pins:
        if pin.item in eligible and pin.place <= len(ids):
            assert ids[pin.place - 1] == pin.item
    check_quota(world, rules, ids, eligible)
    for item in items:
        assert item.score == pytest.approx(1 / (1 + exp(-sum(item.parts.values()))), abs=1e-6)
        assert all(item.parts[name] for name in ADDED if name in item.parts)


def check_quota(world: World, rules: Rules, ids: list[str], eligible: set[str]) -> None:
    young = {i for i, its in world.items.items() if float(str(its["created_at"])) > NOW - rules.fresh.days * DAY}
    first = rules.fresh.of
    if rules.max_per or len(ids) < first:
        return
    pinned = [pin.item for pin in rules.pins if pin.place <= first and pin.item in eligible]
    places = first - sum(item_id not in young for item_id in pinned)
    # A young item that is pinned behind the first places cannot be among them.
    behind = {pin.item for pin in rules.pins if pin.place > first}
    assert len(young & set(ids[:first])) >= min(rules.fresh.items, places, len(young & (eligible - behind)))


def test_every_rule_holds_in_random_states(own: Path) -> None:
    rng = random.Random(11)
    world = world_of(Recommender.open(own))
    drawn = Counter[str]()
    for state in range(STATES):
        if state % CHANGES == 0:
            world.change(rng)
        rules = some_rules(rng, list(world.items))
        world.rule(rules)
        pinned = {pin.item for pin in rules.pins}
        asked: Any = {
            "include_seen": rng.random() < 0.5,
            "where": rng.choice(["", "maker != 'oak'"]),
            "exclude": rng.sample([i for i in world.items if i not in pinned], 2),
            "limit": rng.choice([1, 3, 10, 10, 24]),
        }
        rankings = world.recommender.recommend(USERS, at=NOW, diversity=rng.choice([0, 0, 0.4]), **asked)
        for ranking in rankings:
            check(world, rules, ranking.user_id, ranking.items, asked)
            drawn.update(name for item in ranking.items for name in ADDED if name in item.parts)
            drawn.update(["pinned"] * bool(rules.pins) + ["full"] * (len(ranking.items) == 10))
    # The states are such that the checks check something.
    assert min(drawn[name] for name in (*ADDED, "pinned", "full")) > 100, drawn
