"""Published rankings: judged by user, what is not listed last."""

import numpy as np
import pytest

from plait.evaluation.measure import rank
from plait.evaluation.peers.popularity import Popularity
from plait.evaluation.published import Published
from plait.evaluation.runner import Plan, judge
from plait.evaluation.splitters import last_liked
from tests.plait.evaluation.logs import Event, checkerboard, log_of, targets_of


def test_by_hand() -> None:
    rows: list[Event] = [("ann", item, float(time), 1.0) for time, item in enumerate("abcde")]
    rows += [("bob", item, float(time), 1.0) for time, item in enumerate("abcdf")]
    split = last_liked(log_of(rows, item_ids=list("abcdefgh")), 0)
    theirs = Published("theirs", {"ann": {"g": 1, "a": 2, "e": 7}, "cyd": {"a": 1}})
    outcome = rank(theirs.scorer(split), split, depth=4)
    # a was seen by ann, so that e stands behind g; nothing is listed for bob.
    assert split.item_ids.ids(outcome.top[0])[:2] == ["g", "e"]
    assert outcome.places[0] == 1
    ordered = sorted("efgh", key=lambda name: split.ties[split.item_ids.rows([name])[0]])
    assert split.item_ids.ids(outcome.top[1]) == ordered


def test_the_ranking_of_a_model_is_judged_as_the_model() -> None:
    log = checkerboard()
    split = last_liked(log, 0)
    scores = Popularity().fit(split, {}, seed=0).scores(split.histories)
    orders = np.lexsort((np.broadcast_to(split.ties, scores.shape), -scores), axis=1)
    rankings = {
        user: {item: place for place, item in enumerate(split.item_ids.ids(order), start=1)}
        for user, order in zip(split.user_ids.ids(split.users), orders, strict=True)
    }
    plan = Plan(1, (5,), published=[Published("theirs", rankings)])
    results = judge(lambda salt: [last_liked(log, salt)], "last-liked", [Popularity()], plan)
    assert results.models["theirs"] == results.models["popularity"]
    assert results.differences["theirs - popularity"]["mrr"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
    assert results.details["theirs"]["seeds"] == 1
    assert "choosing_seconds" not in results.details["theirs"]


def test_rankings_may_be_judged_alone() -> None:
    log = checkerboard()
    answers = {user: {target: 1} for user, target in targets_of(last_liked(log, 0)).items()}
    plan = Plan(1, (5,), published=[Published("answers", answers)])
    results = judge(lambda salt: [last_liked(log, salt)], "last-liked", [], plan)
    assert results.models["answers"]["ndcg@5"]["mean"] == 1.0


def test_two_of_one_name_are_refused() -> None:
    plan = Plan(1, (5,), published=[Published("popularity", {})])
    with pytest.raises(ValueError, match="each name once"):
        judge(lambda salt: [last_liked(checkerboard(), salt)], "last-liked", [Popularity()], plan)
