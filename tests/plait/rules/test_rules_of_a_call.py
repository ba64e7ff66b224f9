"""What a call brings beside plait.toml, parts that are there only where they say something, and notes."""

from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plait.config import Config
from plait.errors import WrongCall
from plait.list_rules import PLAIN, RULES, RecommendOptions, rules_of
from plait.ranking import Ranking
from plait.recommender import Recommender
from plait.rules.settings import Fresh, Pin, Rules
from plait.selection import Selection, SelectionOptions
from tests.plait.conftest import Cli
from tests.plait.flows.asking import shrink_candidate_search
from tests.plait.rules.world import DAY, NOW


def ids(ranking: Ranking) -> list[str]:
    return [item.item_id for item in ranking.items]


def ruled(own: Path, rules: Rules) -> Recommender:
    recommender = Recommender.open(own)
    recommender._live.workspace.config = Config(rules=rules)
    return recommender


def test_pins_boosts_and_excluded_items(own_once: Path, cli: Cli) -> None:
    recommender = Recommender.open(own_once)
    plain = ids(recommender.recommend("user-0", limit=24))
    last, best = plain[-1], plain[0]
    options = ["--limit", 24, "--exclude", best, "--pin", f"{last}=3", "--output"]
    outcome = cli("recommend", own_once, "--user", "user-0", *options, own_once.parent / "out.csv")
    assert outcome.code == 0
    listed = [line.split(",")[2] for line in (own_once.parent / "out.csv").read_text().splitlines()[1:]]
    assert listed == [*plain[1:3], last, *plain[3:-1]]
    assert listed == ids(recommender.recommend("user-0", limit=24, exclude=[best], pins={last: 3}))
    lifted = recommender.recommend("user-0", limit=24, boosts={f"item_id = '{last}'": 10.0, "year < 1990": 1.0})
    assert ids(lifted) == [last, *plain[:-1]]
    assert [item.parts.get("boost") for item in lifted.items] == [10.0] + [None] * (len(plain) - 1)
    assert lifted.items[0].score == pytest.approx(1 / (1 + exp(-sum(lifted.items[0].parts.values()))))


def test_rules_of_a_call_go_before_those_of_plait_toml(own: Path) -> None:
    pins = (Pin(place=1, item="space-0"), Pin(place=2, item="space-1"), Pin(place=3, item="space-2"))
    recommender = ruled(own, Rules(pins=pins, max_per={"categories": 3}, exclude=("cooking-0",)))
    listed = ids(recommender.recommend("stranger", pins={"sailing-0": 1, "space-1": 5}, exclude=["cooking-1"]))
    # The first place is taken by the call, the second item moved by it.
    assert (listed[0], listed[2], listed[4]) == ("sailing-0", "space-2", "space-1")
    assert "space-0" not in listed[:1]
    assert not {"cooking-0", "cooking-1"} & set(listed)
    assert len(ids(recommender.recommend("stranger", limit=24))) == 12
    assert len(ids(recommender.recommend("stranger", limit=24, max_per={"categories": 4}))) == 16


def test_a_pin_by_condition_is_the_best_that_passes(own: Path) -> None:
    recommender = ruled(own, Rules(pins=(Pin(place=2, where="year = 1996"), Pin(place=3, where="year = 1996"))))
    ranked = ids(Recommender.open(own).recommend("user-0", limit=24))
    passing = [item_id for item_id in ranked if item_id.endswith("-3")]
    assert ids(recommender.recommend("user-0", limit=24))[1:3] == passing[:2]
    assert ids(recommender.recommend("user-0", limit=2, offset=1)) == passing[:2]


def test_what_rules_speak_of_is_found_in_a_large_catalogue(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = ids(Recommender.open(own).recommend("user-0", limit=24))
    shrink_candidate_search(monkeypatch)
    monkeypatch.setattr("plait.flows.arrange.POOL", 3)
    last = everything[-1]
    recommender = Recommender.open(own)
    assert last not in ids(recommender.recommend("user-0", limit=3))
    assert ids(recommender.recommend("user-0", limit=3, pins={last: 2}))[1] == last
    assert ids(recommender.recommend("user-0", limit=3, boosts={f"item_id = '{last}'": 10.0}))[0] == last


def test_a_quota_of_fresh_items(own: Path) -> None:
    # Of each family the first was created last, half a day apart from the others' days.
    recommender = ruled(own, Rules(fresh=Fresh(items=2, of=4, days=100.5)))
    young = {f"{family}-0" for family in ("cooking", "sailing", "space", "gardening")}
    ranking = recommender.recommend("user-2", limit=10, at=NOW)
    assert len(young & set(ids(ranking)[:4])) == 2
    assert ranking.notes == ()
    few = recommender.recommend(
        "user-2", limit=10, at=NOW, where="item_id not in ('cooking-0', 'sailing-0', 'space-0')"
    )
    assert few.notes == ("1 of the 2 fresh items wanted among the first 4",)
    assert recommender.recommend("user-2", limit=3, at=NOW + 300 * DAY).notes == ()


def test_too_few_are_told_by_rule(own: Path) -> None:
    recommender = ruled(own, Rules(require="year >= 1996", exclude=("space-3", "space-0")))
    assert recommender.recommend("user-1", limit=9).notes == ()
    ranking = recommender.recommend("user-1", limit=12, where="categories != 'cooking'")
    seen = {"sailing-3", "sailing-4"}
    assert len(ranking.items) == 9 - len(seen) - 1
    assert ranking.notes == ("6 of the 12 items asked for are left: require leaves 9 of 18, 2 seen, 1 excluded",)


def test_a_history_and_a_description_are_ruled_too(own: Path) -> None:
    recommender = ruled(own, Rules(exclude=("space-1",), pins=(Pin(place=1, item="cooking-5"),)))
    listed = ids(recommender.recommend_history(["space-0"], Selection(24)))
    assert (listed[0], len(listed), "space-1" in listed) == ("cooking-5", 22, False)


def test_an_objective_moves_what_sells(own: Path) -> None:
    recommender = Recommender.open(own)
    people = [f"shopper-{number}" for number in range(30)]
    recommender.record(
        [
            {"user_id": user, "item_id": item_id, "event": event, "timestamp": str(NOW)}
            for user in people
            for item_id, event in (("space-0", "purchase"), ("space-1", "view"))
        ]
    )
    plain = recommender.recommend("stranger", limit=24)
    ranking = recommender.recommend("stranger", limit=24, objective={"purchase": 1.0})
    parts = {item.item_id: item.parts.get("objective", 0.0) for item in ranking.items}
    assert max(parts, key=lambda item_id: parts[item_id]) == "space-0"
    assert min(parts, key=lambda item_id: parts[item_id]) == "space-1"
    assert parts["space-0"] > 0 > parts["space-1"]
    half = recommender.recommend("stranger", limit=24, objective={"purchase": 1.0, "strength": 0.5})
    halves = {item.item_id: item.parts.get("objective", 0.0) for item in half.items}
    assert halves == pytest.approx({item_id: part / 2 for item_id, part in parts.items()})
    none = recommender.recommend("stranger", limit=24, objective={"purchase": 1.0, "strength": 0.0})
    assert none.items == plain.items
    # The very next answer knows what was bought since.
    sold = [{"user_id": user, "item_id": "space-1", "event": "purchase", "timestamp": str(NOW + 1)} for user in people]
    recommender.record(sold)
    again = recommender.recommend("stranger", limit=24, objective={"purchase": 1.0}).items
    told = {item.item_id: item.parts.get("objective", 0.0) for item in again}
    assert set(sorted(told, key=lambda item_id: told[item_id])[-2:]) == {"space-0", "space-1"}
    assert told["space-1"] > 0 > parts["space-1"]


def test_numbers_of_numpy_are_numbers_and_truths_are_none() -> None:
    places: dict[str, Any] = {"a": np.int64(3)}
    lifts: dict[str, Any] = {"b > 1": np.float32(0.5)}
    made = rules_of({"pins": places, "boosts": lifts})
    assert (made.pins[0].place, made.boosts[0].by) == (3, 0.5)
    with pytest.raises(WrongCall, match="pin a=True: place is true; expected a whole number"):
        rules_of({"pins": {"a": True}})


def test_a_call_that_names_no_rule_has_none() -> None:
    assert RecommendOptions.__annotations__.keys() - SelectionOptions.__annotations__.keys() == RULES
    assert rules_of({"limit": 3, "where": "year > 1990"}) is PLAIN
    assert rules_of({"limit": 3, "exclude": ["a"]}) is not PLAIN
