"""A trial: what is held back is not learnt, a worse model is told from a better one, and too few tell nothing."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from plait import snapshot
from plait.flows.train import training_items
from plait.flows.trial import (
    ENOUGH,
    HeldBack,
    compared,
    gains_of,
    hold_back,
    is_no_worse,
    judged_in_short,
    ranks_at_birth,
    try_out,
)
from plait.history import read_log
from plait.live import Live
from plait.records import Event
from plait.workspace import Workspace
from ranker.fit import fit_ranker
from ranker.interactions import Histories
from tests.plait import toy

FAMILIES = list(toy.FAMILIES)
LATER = toy.START + 1_000_000
NEWCOMERS = 80


def liked_later(workspace: Workspace) -> int:
    """Let newcomers like three items of one family each, in turn; return the sequence number before."""
    before = workspace.store.sequence()
    workspace.store.record(
        [
            Event(f"newcomer-{user}", f"{FAMILIES[user % 4]}-{(user + step) % 6}", LATER + 7_200.0 * step, "like")
            for user in range(NEWCOMERS)
            for step in range(3)
        ]
    )
    return before


def test_what_is_held_back_is_out_of_the_log_and_nothing_else(own: Path) -> None:
    live = Live(Workspace.open(own))
    after = liked_later(live.workspace)
    items, _, _ = training_items(live)
    held = hold_back(live.workspace, after=after, item_ids=items.item_ids, seed=1)
    assert len(held.likings) == NEWCOMERS // 2
    assert held == hold_back(live.workspace, after=after, item_ids=items.item_ids, seed=1)
    assert held != hold_back(live.workspace, after=after, item_ids=items.item_ids, seed=2)
    log = read_log(live.workspace, items.item_ids)
    rest = held.rest(log, live.workspace)
    out = {user_id for user_id, _ in held.likings}
    assert set(rest.user_ids.ids(rest.users)) == set(log.user_ids) - out
    assert len(log.users) - len(rest.users) == 3 * len(out)
    for _, event in held.likings:
        assert event.timestamp == LATER + 14_400


def test_of_a_known_user_only_what_came_since_is_held_back(own: Path) -> None:
    live = Live(Workspace.open(own))
    after = live.workspace.store.sequence()
    live.workspace.store.record([Event(user, "space-5", LATER, "like") for user in ("user-0", "user-1")])
    items, _, _ = training_items(live)
    held = hold_back(live.workspace, after=after, item_ids=items.item_ids, seed=0)
    assert len(held.likings) == 1
    log = read_log(live.workspace, items.item_ids)
    rest = held.rest(log, live.workspace)
    assert len(log.users) - len(rest.users) == 1
    assert set(rest.user_ids.ids(rest.users)) == set(toy.USERS)


def test_what_is_ranked_is_the_last_that_was_new_to_the_user(own: Path) -> None:
    live = Live(Workspace.open(own))
    after = live.workspace.store.sequence()
    # user-0 knows cooking-0 to 3 and sailing-0; the others have done nothing yet.
    deeds = [("space-4", "like"), ("space-5", "skip"), ("space-5", "like"), ("cooking-0", "like"), ("space-4", "like")]
    live.workspace.store.record(
        [Event("user-0", item, LATER + at, event) for at, (item, event) in enumerate(deeds)]
        + [Event("user-1", "sailing-1", LATER, "like")]
    )
    items, _, _ = training_items(live)
    held = [hold_back(live.workspace, after=after, item_ids=items.item_ids, seed=seed).likings for seed in range(8)]
    # user-1 has liked what was known; one of two users is drawn, and who has nothing new is passed over.
    assert {(user, event.item_id, event.timestamp) for ((user, event),) in held} == {("user-0", "space-4", LATER)}


def test_who_logs_in_has_done_nothing_new_by_that(own: Path) -> None:
    live = Live(Workspace.open(own))
    store = live.workspace.store
    after = liked_later(live.workspace)
    liked_later_ends = store.sequence()
    with store.write() as change:
        for user in range(NEWCOMERS):
            change.move_events(f"newcomer-{user}", f"member-{user}")
    items, _, _ = training_items(live)
    assert hold_back(live.workspace, after=liked_later_ends, item_ids=items.item_ids, seed=1).likings == ()
    # What the present models have not learnt is held back of whoever it is of by now.
    held = hold_back(live.workspace, after=after, item_ids=items.item_ids, seed=1)
    assert {user_id.partition("-")[0] for user_id, _ in held.likings} == {"member"}
    log = read_log(live.workspace, items.item_ids)
    assert len(log.users) - len(held.rest(log, live.workspace).users) == 3 * len(held.likings)


def test_nothing_new_holds_nothing_back(own: Path) -> None:
    live = Live(Workspace.open(own))
    items, _, _ = training_items(live)
    held = hold_back(live.workspace, after=live.workspace.store.sequence(), item_ids=items.item_ids, seed=0)
    assert held.likings == ()
    log = read_log(live.workspace, items.item_ids)
    assert len(held.rest(log, live.workspace).users) == len(log.users)


def _held(live: Live) -> HeldBack:
    after = liked_later(live.workspace)
    items, _, _ = training_items(live)
    return hold_back(live.workspace, after=after, item_ids=items.item_ids, seed=1)


def test_the_same_model_is_no_worse_and_its_negative_is(own: Path) -> None:
    live = Live(Workspace.open(own))
    held = _held(live)
    items, _, _ = training_items(live)
    moment = live.refresh()
    models = moment.models
    known = models.item_ids.rows(list(items.item_ids))
    ranker = replace(models.ranker, items=models.ranker.items.take(known))
    same = try_out(moment, held, ranker, items.item_ids, items.vectors, seed=0)
    assert (same["users"], same["before"], same["low"], same["high"]) == (40, same["ndcg@10"], 0.0, 0.0)
    assert is_no_worse({"judged": same})
    upside_down = replace(ranker, combination=replace(ranker.combination, knots=-ranker.combination.knots))
    worse = try_out(moment, held, upside_down, items.item_ids, items.vectors, seed=0)
    assert worse["high"] < 0
    assert not is_no_worse({"judged": worse})
    better = try_out(
        replace(moment, models=replace(models, ranker=upside_down)), held, ranker, items.item_ids, items.vectors, seed=0
    )
    assert better["low"] > 0
    ranks = [ranks_at_birth(moment, held, one, items.item_ids, items.vectors, seed=3) for one in (ranker, upside_down)]
    assert len(ranks[0]) == 3 * 40
    assert np.mean(ranks[0]) < np.mean(ranks[1])


def test_too_few_users_tell_nothing(own: Path) -> None:
    live = Live(Workspace.open(own))
    held = _held(live)
    items, _, _ = training_items(live)
    few = replace(held, likings=held.likings[: ENOUGH - 1])
    told = try_out(live.refresh(), few, live.refresh().models.ranker, items.item_ids, items.vectors, seed=0)
    assert told == {"users": ENOUGH - 1, "worse": False}
    assert is_no_worse({"judged": told})
    assert is_no_worse({"judged": None})


@pytest.mark.parametrize(
    ("before", "now", "worse"),
    [([0.0] * 40, [1.0] * 40, False), ([1.0] * 40, [0.0] * 40, True), ([0, 1], [1, 0], False)],
)
def test_worse_is_what_lies_below_zero_whole(before: list[float], now: list[float], worse: bool) -> None:
    told = compared(np.asarray(before, float), np.asarray(now, float), seed=0)
    assert told["worse"] == worse
    assert told["low"] <= np.mean(now) - np.mean(before) <= told["high"]


def test_gains_are_those_of_a_plain_ranking(own: Path) -> None:
    """Of each user every item not in the history is scored, and the place of the target counted by hand."""
    moment = Live(Workspace.open(own)).refresh()
    vectors = moment.index.vectors(np.arange(24))
    offsets = np.array([0, 2, 3])
    history = Histories(
        offsets, np.array([0, 1, 12]), np.array([0.0, 1.0, 0.0]), np.ones(3, np.float32), np.array([1.0, 0.0])
    )
    targets, among = np.array([2, 20]), np.arange(0, 24)
    found = gains_of(moment.models.ranker, moment.items, vectors, history, targets, among)
    users = moment.models.ranker.user_side(history, moment.items, lambda rows: vectors[rows])
    every = np.tile(np.arange(24), (2, 1))
    logits: NDArray[np.float64] = moment.models.ranker.score(users, moment.items, every, vectors[None]).logits
    for user, seen in enumerate(({0, 1}, {12})):
        left = [row for row in range(24) if row not in seen and row != targets[user]]
        place = sum(logits[user, row] >= logits[user, targets[user]] for row in left)
        assert found[user] == pytest.approx(1 / np.log2(place + 2) if place < 10 else 0.0, abs=1e-9)


def test_in_short() -> None:
    assert judged_in_short(None) == ""
    assert judged_in_short({"users": 3, "worse": False}) == "3 users: too few"
    assert judged_in_short({"users": 90, "before": 0.1, "ndcg@10": 0.25, "worse": False}) == "0.1000 -> 0.2500"


def test_a_worse_model_gets_a_number_and_does_not_answer(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from plait.flows import models as registry
    from plait.flows import train as training

    live = Live(Workspace.open(own))
    liked_later(live.workspace)

    def upside_down(*given: Any, **named: Any) -> object:
        fit = fit_ranker(*given, **named)
        knots = -fit.ranker.combination.knots
        return replace(fit, ranker=replace(fit.ranker, combination=replace(fit.ranker.combination, knots=knots)))

    monkeypatch.setattr(training, "fit_ranker", upside_down)
    report = training.train(live, budget="20s", judged=True, why="drift: seen")
    assert (report["answers"], report["model"], report["from"]) == (False, 2, 1)
    assert live.refresh().name == "index 1, model 1"
    monkeypatch.undo()
    first, second = registry.models(live.workspace)
    assert (first["current"], second["current"]) == (True, False)
    assert (second["why"], second["judged"]["worse"]) == ("drift: seen", True)
    report = training.train(live, budget="20s", judged=True)
    assert (report["answers"], report["model"], report["from"]) == (True, 3, 1)
    assert live.refresh().name == "index 1, model 3"
    assert report["events"] == 60 + 3 * (NEWCOMERS - 40)
    found = snapshot.current(live.workspace.models_folder)
    assert found is not None
    assert len(found.details["ranks_at_birth"]) == 3 * 40
    # What never answered is not gone back to.
    assert registry.rollback(live.workspace)["model"] == 1
