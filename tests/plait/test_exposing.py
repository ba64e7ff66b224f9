"""Exposures and exploration as a whole: what is shown, what is written, and what is read back."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from index import IdMap
from plait.config import FILE
from plait.evaluation.exposure import catalogue_measures, gini
from plait.evaluation.off_policy import click_rates
from plait.flows.arrange import Arranged, Shown, arranged
from plait.flows.explore import Terms, explored, terms_of
from plait.flows.exposures import feedback, slates_shown
from plait.flows.recipients import Recipients
from plait.flows.recommend import Asker, askers, user_side
from plait.list_rules import PLAIN
from plait.moment import Moment
from plait.ranking import RankedItem, Ranking
from plait.recommender import Recommender
from plait.rules.checks import rules_for
from plait.rules.left_out import left_out
from plait.selection import Selection
from plait.shown_log import ShownLog
from plait.workspace import Workspace
from tests.copying import copied
from tests.plait import toy
from tests.plait.conftest import Cli

EXPLORING = """
[exploration]
method = "{method}"
every = 3
share = {share}
new_below = 3
"""
"""Half of the toy catalogue has been met fewer than three times."""


@pytest.fixture(params=["epsilon", "thompson"])
def exploring(request: pytest.FixtureRequest, own: Path) -> Path:
    """Return a workspace that explores with a share of .6."""
    return told(own, request.param)


def told(folder: Path, method: str, share: float = 0.6, more: str = "") -> Path:
    (folder / FILE).write_text(EXPLORING.format(method=method, share=share) + more, encoding="utf-8")
    return folder


def ids(ranking: Ranking) -> list[str]:
    return [item.item_id for item in ranking.items]


def arranged_for(moment: Moment, who: Sequence[Asker], selection: Selection) -> tuple[Arranged, Terms]:
    """Return the lists of some users, and the terms that new items keep to in them."""
    rules, users = rules_for(moment, PLAIN), Recipients(user_side(moment, who))
    out = [left_out(moment, one.user_id, one.events, one.seen, rules, include_seen=False) for one in who]
    shown = Shown([one.user_id for one in who], [one.events for one in who], out)
    lists = arranged(moment, users, shown, selection, rules)
    return lists, terms_of(moment, users, shown, selection, rules, lists)


def new_items(folder: Path) -> set[str]:
    """Return which items are new, counted from the log by hand."""
    met = Counter(row["item_id"] for row in toy.interactions())
    shown = Counter(item_id for slate in Workspace.open(folder).store.all_exposures() for item_id in slate.item_ids)
    return {row["item_id"] for row in toy.items() if met[row["item_id"]] + shown[row["item_id"]] < 3}


def test_off_nothing_changes_and_nothing_is_written_unless_asked_for(own: Path) -> None:
    recommender, store = Recommender.open(own), Workspace.open(own).store
    plain = recommender.recommend("user-0", limit=9)
    logged = recommender.recommend("user-0", limit=9, log_exposure=True)
    assert plain.recommendation_id == ""
    assert logged.items == plain.items
    assert logged.to_json() == {**plain.to_json(), "recommendation_id": logged.recommendation_id}
    (slate,) = store.exposures("user-0")
    assert (slate.recommendation_id, slate.policy) == (logged.recommendation_id, "ranked")
    assert (list(slate.item_ids), slate.propensities) == (ids(logged), (1.0,) * 9)
    assert store.counts()["exposures"] == 1


def test_what_is_not_logged_explores_nothing(exploring: Path) -> None:
    recommender, store = Recommender.open(exploring), Workspace.open(exploring).store
    plain = recommender.recommend(toy.USERS, limit=9)
    assert recommender.recommend(toy.USERS, limit=9) == plain
    assert store.counts()["exposures"] == 0
    logged = recommender.recommend(toy.USERS, limit=9, log_exposure=True, explore=False)
    assert [ranking.items for ranking in logged] == [ranking.items for ranking in plain]
    assert {slate.policy for slate in store.all_exposures()} == {"ranked"}


def test_new_items_stand_at_slots_and_all_others_where_they_were(exploring: Path) -> None:
    recommender = Recommender.open(exploring)
    plain = recommender.recommend(toy.USERS, limit=10)
    new, moved = new_items(exploring), 0
    assert 0 < len(new) < 24
    for before, after in zip(plain, recommender.recommend(toy.USERS, limit=10, log_exposure=True), strict=True):
        seen = {row["item_id"] for row in toy.interactions() if row["user_id"] == after.user_id}
        assert len(set(ids(after))) == len(before.items) == len(after.items)
        assert not seen & set(ids(after))
        for old, item in zip(before.items, after.items, strict=True):
            assert item.rank == old.rank
            assert item.score == pytest.approx(1 / (1 + np.exp(-sum(item.parts.values()))), abs=1e-4)
            if item.explored:
                moved += 1
                assert item.rank % 3 == 0
                assert item.item_id in new - set(ids(before))
            else:
                assert item.item_id == old.item_id
            assert (item.propensity < 1) == (item.rank % 3 == 0)
    assert moved > 6


def test_each_draw_is_named_and_written_as_shown(exploring: Path) -> None:
    recommender, store = Recommender.open(exploring), Workspace.open(exploring).store
    rankings = recommender.recommend(["user-0", "user-1", "user-0"], limit=7, offset=2, log_exposure=True)
    assert len({ranking.recommendation_id for ranking in rankings}) == 3
    slates = {slate.recommendation_id: slate for slate in store.all_exposures()}
    method = Workspace.open(exploring).config.exploration.method
    for ranking in rankings:
        slate = slates[ranking.recommendation_id]
        explored = [str(place) for place, item in enumerate(ranking.items, start=1) if item.explored]
        assert slate.user_id == ranking.user_id
        assert slate.policy == f"{method}:{','.join(explored)}"
        assert list(slate.item_ids) == ids(ranking)
        assert list(slate.propensities) == [item.propensity for item in ranking.items]
        assert [p < 1 for p in slate.propensities] == [item.rank % 3 == 0 for item in ranking.items]


def drawn(item: RankedItem) -> tuple[str, float, bool]:
    return item.item_id, item.propensity, item.explored


def test_a_seed_draws_the_same_from_the_same_state(exploring: Path, tmp_path: Path) -> None:
    copies = [copied(exploring, tmp_path / name) for name in ("a", "b", "c")]
    answers = [
        Recommender.open(copy).recommend(toy.USERS, limit=9, log_exposure=True, seed=seed)
        for copy, seed in zip(copies, (4, 4, 5), strict=True)
    ]
    assert answers[0] == answers[1] != answers[2]
    alone = Recommender.open(exploring).recommend(toy.USERS[0], limit=9, log_exposure=True, seed=4)
    assert alone.recommendation_id == answers[0][0].recommendation_id
    # Of a batch the processor may add up scores in another order; what is drawn is the same.
    assert list(map(drawn, alone.items)) == list(map(drawn, answers[0][0].items))
    assert [item.score for item in alone.items] == pytest.approx([item.score for item in answers[0][0].items], abs=1e-6)
    # The slates just written are another state: the same seed names and draws anew.
    again = Recommender.open(copies[0]).recommend(toy.USERS, limit=9, log_exposure=True, seed=4)
    assert not {one.recommendation_id for one in again} & {one.recommendation_id for one in answers[0]}


def test_propensities_are_how_often_it_comes_so(exploring: Path) -> None:
    """A user is shown one page of one state many times; each outcome at each slot beside what is said of it."""
    moment, count = Recommender.open(exploring)._live.refresh(), 1_000
    lists, terms = arranged_for(moment, askers(moment.live, ["user-3"]), Selection(9))
    outcomes: list[Counter[tuple[int, float]]] = [Counter() for _ in range(3)]
    for draw in range(count):
        shown, chances = explored(moment, lists, terms, Selection(9), [f"draw {draw}"])
        for slot, place in enumerate((2, 5, 8)):
            outcomes[slot][int(shown.rows[0, place]), float(chances.propensities[0, place])] += 1
    for counted in outcomes:
        told, times = np.asarray([chance for _, chance in counted]), np.asarray(list(counted.values()))
        assert len({row for row, _ in counted}) == len(counted) > 3
        assert told.sum() == pytest.approx(1.0)
        assert ((times - count * told) ** 2 / (count * told)).sum() < chi2.ppf(0.9999, len(told) - 1)


def test_batches_are_their_members(exploring: Path) -> None:
    moment = Recommender.open(exploring)._live.refresh()
    names = [f"draw {user_id}" for user_id in toy.USERS]
    who = askers(moment.live, toy.USERS)

    def shown(some: slice) -> list[tuple[list[int], list[float]]]:
        lists, terms = arranged_for(moment, who[some], Selection(24))
        found, chances = explored(moment, lists, terms, Selection(24), names[some])
        lengths = (found.rows >= 0).sum(axis=1).tolist()
        pairs = zip(found.rows.tolist(), chances.propensities.tolist(), lengths, strict=True)
        return [(rows[:length], told[:length]) for rows, told, length in pairs]

    together = shown(slice(None))
    for place, (rows, told) in enumerate(together):
        ((alone, chances),) = shown(slice(place, place + 1))
        assert alone == rows
        assert chances == pytest.approx(told)


def test_places_that_are_fixed_do_not_move(exploring: Path) -> None:
    moment = Recommender.open(exploring)._live.refresh()
    lists, terms = arranged_for(moment, askers(moment.live, toy.USERS), Selection(9))
    fixed = np.zeros(lists.rows.shape, dtype=bool)
    fixed[::2, 2] = True
    names = [f"draw {user_id}" for user_id in toy.USERS]
    free, before = explored(moment, lists, terms, Selection(9), names)
    found, chances = explored(moment, lists, replace(terms, fixed=fixed), Selection(9), names)
    assert before.explored[fixed].any()
    assert (found.rows[fixed] == lists.rows[fixed]).all()
    assert not chances.explored[fixed].any()
    assert (chances.propensities[fixed] == 1.0).all()
    # All others stand as they would have stood, with the same chances.
    assert (found.rows[~fixed] == free.rows[~fixed]).all()
    assert (chances.propensities[~fixed] == before.propensities[~fixed]).all()


def test_pins_do_not_move(own: Path) -> None:
    recommender, explored = Recommender.open(told(own, "epsilon", 1.0)), set[int]()
    for _ in range(3):
        shown = recommender.recommend(toy.USERS, limit=9, log_exposure=True, include_seen=True, pins={"space-2": 6})
        assert {ids(ranking)[5] for ranking in shown} == {"space-2"}
        explored |= {item.rank for ranking in shown for item in ranking.items if item.explored}
    assert 3 in explored <= {3, 9}


@pytest.mark.parametrize(
    "asked",
    [
        {"max_per": {"categories": 2}}, {"group_by": "year", "limit": 3}, {"where": "year < 1998"}, {"diversity": 0.5},
        {"candidates": [f"space-{number}" for number in range(6)], "limit": 3}, {"include_seen": True, "limit": 12},
        {"max_per": {"categories": 3}, "group_by": "year", "offset": 1, "limit": 3},
    ],
)  # fmt: skip
def test_rules_hold_wherever_new_items_stand(own: Path, asked: dict[str, Any]) -> None:
    recommender = Recommender.open(told(own, "epsilon", 1.0))
    facts, explored = {row["item_id"]: row for row in toy.items()}, 0
    plain = recommender.recommend(toy.USERS, **{"limit": 6, **asked})
    for _ in range(5):
        for before, after in zip(
            plain, recommender.recommend(toy.USERS, log_exposure=True, **{"limit": 6, **asked}), strict=True
        ):
            chosen = ids(after)
            explored += sum(item.explored for item in after.items)
            assert len(chosen) == len(set(chosen)) == len(before.items)
            seen = {row["item_id"] for row in toy.interactions() if row["user_id"] == after.user_id}
            assert "include_seen" in asked or not seen & set(chosen)
            assert set(chosen) <= set(asked.get("candidates", facts))
            if "where" in asked:
                assert all(float(facts[item_id]["year"]) < 1998 for item_id in chosen)
            caps = {"categories": asked.get("max_per", {}).get("categories", 99), "year": 99}
            caps |= {"year": 1} if "group_by" in asked else {}
            for name, limit in caps.items():
                assert max(Counter(facts[item_id][name] for item_id in chosen).values(), default=0) <= limit
    assert explored


def test_new_by_age_and_by_how_often_it_was_met(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Items are a day older each; three of each family are younger than three and a half days.
    monkeypatch.setattr("plait.flows.explore.time.time", lambda: toy.START + 43_200.0)
    recommender = Recommender.open(told(own, "epsilon", 1.0, "new_days = 3.5\n"))
    found = [
        item.item_id
        for ranking in recommender.recommend(toy.USERS, limit=6, log_exposure=True)
        for item in ranking.items
        if item.explored
    ]
    assert found
    assert {item_id[-1] for item_id in found} <= {"0", "1", "2"}


def test_an_item_shown_often_is_new_no_more(own: Path) -> None:
    recommender = Recommender.open(told(own, "epsilon", 1.0))
    for _ in range(12):
        last = recommender.recommend(toy.USERS, limit=9, log_exposure=True)
    assert not any(item.explored for ranking in last for item in ranking.items)
    assert not new_items(own)


def test_feedback_is_every_place_with_what_answers_it(exploring: Path) -> None:
    recommender, workspace = Recommender.open(exploring), Workspace.open(exploring)
    empty = feedback(workspace)
    assert (len(empty.slates), len(empty.positions), len(empty.propensities)) == (0, 0, 0)
    rankings = recommender.recommend(["user-0", "user-1"], limit=6, log_exposure=True)
    first, second = rankings
    answer = {"user_id": "user-0", "recommendation_id": first.recommendation_id}
    recommender.record(
        [
            answer | {"item_id": first.items[2].item_id, "event": "view"},
            answer | {"item_id": first.items[2].item_id, "event": "like"},
            answer | {"item_id": first.items[4].item_id, "event": "skip"},
            answer | {"item_id": first.items[5].item_id, "event": "impression"},
            answer | {"item_id": second.items[0].item_id, "event": "like", "user_id": "user-9"},
            {"user_id": "user-1", "item_id": second.items[0].item_id, "event": "like"},
        ]
    )
    found = feedback(workspace)
    assert [found.recommendation_ids[slate] for slate in found.slates] == [first.recommendation_id] * 6 + [
        second.recommendation_id
    ] * 6
    assert found.user_ids == ("user-0", "user-1")
    assert found.positions.tolist() == [*range(1, 7)] * 2
    assert list(found.item_ids) == ids(first) + ids(second)
    items = [*first.items, *second.items]
    assert found.propensities.tolist() == [item.propensity for item in items]
    assert found.explored.tolist() == [item.explored for item in items]
    assert np.flatnonzero(found.clicked).tolist() == [2]
    assert found.weights[[2, 4]].tolist() == pytest.approx([1.0, -0.3])
    assert np.count_nonzero(found.weights) == 2
    # Of the ranking alone: a ranked item that stands at a slot by chance speaks for all that were not shown there.
    told = click_rates(found.users(), found.clicked, found.propensities, ~found.explored)
    weight = 0.0 if items[2].explored else 1 / items[2].propensity
    assert told["ips"]["mean"] == pytest.approx(weight / 12)
    assert told["logged"]["mean"] == pytest.approx(1 / 12)


def test_what_was_shown_is_measured_as_lists_are(own: Path) -> None:
    recommender, workspace = Recommender.open(own), Workspace.open(own)
    rankings = [recommender.recommend(user, limit=4, log_exposure=True) for user in ("user-0", "user-1", "user-0")]
    facts = IdMap([row["item_id"] for row in toy.items()])
    eligible = np.asarray([row["categories"] != "cooking" for row in toy.items()])
    slates = slates_shown(feedback(workspace), facts, eligible)
    assert slates.users.tolist() == [0, 1, 0]
    shown = Counter(item_id for ranking in rankings for item_id in ids(ranking) if "cooking" not in item_id)
    assert shown
    measured = catalogue_measures([slates], (4,))
    assert measured["coverage@4"]["mean"] == pytest.approx(len(shown) / 18)
    counts = np.asarray([[*shown.values(), *([0] * (18 - len(shown)))]], dtype=np.float64)
    assert measured["gini@4"]["mean"] == pytest.approx(gini(counts)[0])


STEPS = st.lists(st.tuples(st.sampled_from(["show", "click", "view", "like"]), st.integers(0, 3)), max_size=6)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=1, max_size=3))
def test_who_followed_counts_what_a_new_one_counts(own: Path, batches: list[list[tuple[str, int]]]) -> None:
    recommender, followed = Recommender.open(own), ShownLog(Workspace.open(own))
    view = recommender._live.refresh().index
    for batch in batches:
        for step, number in batch:
            user = f"user-{number}"
            slates = Workspace.open(own).store.exposures(user)
            if step == "show":
                recommender.recommend(user, limit=3, log_exposure=True)
            elif step == "view" or not slates:
                recommender.record([{"user_id": user, "item_id": f"space-{number}", "event": "view"}])
            else:
                row = {"item_id": slates[-1].item_ids[0], "recommendation_id": slates[-1].recommendation_id}
                recommender.record([{"user_id": user, "event": step} | row])
        mine, theirs = followed.times(view), ShownLog(Workspace.open(own)).times(view)
        for name in ("found", "shown", "clicked"):
            np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name))
        assert (mine.clicked <= mine.shown).all()
        assert mine.shown.sum() == sum(len(slate.item_ids) for slate in Workspace.open(own).store.all_exposures())


def test_the_command_line(cli: Cli, exploring: Path) -> None:
    plain = cli("recommend", exploring, "--user", "user-0", "--json")
    assert "recommendation_id" not in json.loads(plain.out)
    outcome = cli("recommend", exploring, "--user", "user-0", "--json", "--log-exposure", "--seed", 3)
    (slate,) = Workspace.open(exploring).store.exposures("user-0")
    ranking = json.loads(outcome.out)
    assert ranking["recommendation_id"] == slate.recommendation_id
    assert [item["propensity"] for item in ranking["items"]] == list(slate.propensities)
    assert 1.0 in slate.propensities
    assert all(isinstance(item["explored"], bool) for item in ranking["items"])
    for words in (["--history", "space-0"], ["--describe", "boats"]):
        refused = cli("recommend", exploring, *words, "--log-exposure")
        assert (refused.code, refused.err.count("\n")) == (2, 1)
        assert "--log-exposure" in refused.err
    assert Workspace.open(exploring).store.counts()["exposures"] == 1


@pytest.mark.parametrize(
    "wrong", ["every = 0", "share = 1.5", 'method = "sometimes"', "new_below = 0", "new_days = -1"]
)
def test_wrong_settings_are_named_at_start(cli: Cli, own: Path, wrong: str) -> None:
    (own / FILE).write_text(f"[exploration]\n{wrong}\n", encoding="utf-8")
    outcome = cli("recommend", own, "--user", "user-0")
    assert (outcome.code, outcome.err.count("\n")) == (1, 1)
    assert f"exploration.{wrong.split()[0]}" in outcome.err
