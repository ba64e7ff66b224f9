"""The runner: known answers, a slow reference from split to figure, and what it refuses."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from plait.errors import BadData
from plait.evaluation.impressions import with_shown
from plait.evaluation.measure import measure
from plait.evaluation.peers.peer import Peer
from plait.evaluation.peers.popularity import Popularity
from plait.evaluation.protocols import splitter
from plait.evaluation.runner import Plan, evaluate, judge
from plait.evaluation.splits import Split
from plait.evaluation.splitters import last_liked
from plait.evaluation.steps import Step
from tests.plait.evaluation.logs import Event, checkerboard, histories_of, log_of, targets_of
from tests.plait.evaluation.models import Chooser, Half, Oracle, Shy, Three
from tests.plait.evaluation.test_impressions import impressions_of

METRICS = [f"{name}@{cut}" for cut in (5, 10) for name in ("ndcg", "hit", "recall", "precision", "f1", "map")] + ["mrr"]


def test_an_oracle_is_perfect_and_the_shy_are_at_chance() -> None:
    log = checkerboard(users=60)
    results = evaluate(log, "last-liked", [Oracle(log), Shy()], seeds=3, cuts=(5, 10))
    assert list(results.models["oracle"])[: len(METRICS)] == METRICS
    assert {"auc", "novelty@5", "coverage@10", "gini@10"} <= set(results.models["oracle"])
    assert (results.protocol, results.seeds, results.users) == ("last-liked", 3, 60)
    oracle = results.models["oracle"]
    assert oracle["ndcg@10"] == {"mean": 1.0, "low": 1.0, "high": 1.0}
    assert oracle["precision@5"]["mean"] == pytest.approx(0.2)
    assert oracle["f1@5"]["mean"] == pytest.approx(2 * 0.2 / 1.2)
    # Sixteen items, five seen: a coin finds one of eleven among five.
    assert results.models["shy"]["hit@5"]["mean"] == pytest.approx(5 / 11, abs=0.15)
    assert results.models["shy"]["ndcg@10"]["low"] < results.models["shy"]["ndcg@10"]["high"]


def test_settings_are_chosen_once_inside_the_training_data() -> None:
    log = checkerboard()
    chooser = Chooser()
    results = evaluate(log, "last-liked", [chooser], seeds=4, cuts=(10,))
    assert chooser.chosen_on == [last_liked(last_liked(log, 0).learnt, 0).fingerprint]
    assert chooser.fitted_with == [{"depth": 3.0}] * 4
    assert results.details["chooser"]["depth"] == 3.0
    assert results.details["chooser"]["seconds"] >= 0
    assert results.differences == {}


def test_differences_are_paired_with_the_best_other() -> None:
    log = checkerboard()
    results = evaluate(log, "last-liked", [Shy(), Oracle(log), Popularity()], seeds=2, cuts=(10,))
    assert {name.split(" - ")[1] for name in results.differences if not name.startswith("oracle")} == {"oracle"}
    gap = results.models["shy"]["mrr"]["mean"] - 1.0
    assert results.differences["shy - oracle"]["mrr"]["mean"] == pytest.approx(gap)


def test_buckets_part_the_users_and_sum_to_the_whole() -> None:
    results = evaluate(checkerboard(), "last-liked", [Shy()], seeds=1, cuts=(10,))
    assert "history 1-20" in results.buckets
    assert "history over 100" not in results.buckets
    whole, inside = results.models["shy"], results.buckets["history 1-20"]["shy"]
    # Every history is that short; only what is said of all lists together has no buckets.
    assert {name: whole[name] for name in inside} == inside
    assert set(whole) - set(inside) == {"coverage@10", "gini@10"}
    assert "history none" not in results.buckets
    assert any(name.startswith("target") for name in results.buckets)


@pytest.mark.parametrize("protocol", ["last-liked", "leave-last-out", "random"])
def test_popularity_beside_a_reference_by_hand(protocol: str) -> None:
    rng = np.random.default_rng(5)
    rows: list[Event] = [
        (
            f"u{rng.integers(12)}",
            f"i{int(rng.exponential(6)) % 20}",
            float(rng.integers(30)),
            float(rng.integers(-1, 2)),
        )
        for _ in range(160)
    ]
    log = log_of(rows, item_ids=[f"i{number}" for number in range(20)])
    results = evaluate(log, protocol, [Popularity()], seeds=1, cuts=(3,))
    (split,) = splitter(protocol)(log, 0)
    counts = dict.fromkeys(split.item_ids, 0)
    for item_id in split.item_ids.ids(split.train.items):
        counts[item_id] += 1
    ties = dict(zip(split.item_ids, split.ties.tolist(), strict=True))
    gains, reciprocal = [], []
    for user_id, target in targets_of(split).items():
        unseen = [item_id for item_id in split.item_ids if item_id not in histories_of(split)[user_id]]
        unseen.sort(key=lambda item_id: (-counts[item_id], ties[item_id]))
        rank = unseen.index(target) + 1
        gains.append(1 / math.log2(rank + 1) if rank <= 3 else 0.0)
        reciprocal.append(1 / rank)
    assert results.models["popularity"]["ndcg@3"]["mean"] == pytest.approx(np.mean(gains))
    assert results.models["popularity"]["mrr"]["mean"] == pytest.approx(np.mean(reciprocal))


def test_users_in_pieces_are_measured_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    split = last_liked(checkerboard(), 0)
    fitted = Popularity().fit(split, {}, seed=0)
    whole = measure(fitted, split, (10,))
    monkeypatch.setattr("plait.evaluation.measure.USERS_AT_ONCE", 5)
    pieces = measure(fitted, split, (10,))
    assert pieces.users.tolist() == whole.users.tolist()
    for metric, column in whole.values.items():
        np.testing.assert_array_equal(pieces.values[metric], column)


def test_progress_tells_of_every_salt_and_model() -> None:
    told: list[Step] = []
    log = checkerboard()
    evaluate(log, "last-liked", [Oracle(log), Shy()], seeds=2, cuts=(10,), progress=told.append)
    assert [step.what.split(":")[0] for step in told] == [
        "salt 0, oracle", "salt 0, shy", "salt 1, oracle", "salt 1, shy",
    ]  # fmt: skip
    assert [(step.done, step.total) for step in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert told[0].what.endswith("ndcg@10 1.0000")
    assert told[0].seconds_left is None
    assert told[1].seconds_left is not None


def test_progress_tells_what_was_chosen() -> None:
    told: list[Step] = []
    evaluate(checkerboard(), "last-liked", [Chooser(), Shy()], seeds=2, cuts=(10,), progress=told.append)
    assert told[0].what.startswith("chooser chose depth 3 in ")
    assert [(step.done, step.total) for step in told] == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_cases_of_cold_users_are_groups_that_are_pooled() -> None:
    rows: list[Event] = [
        (f"u{user}", f"i{(user * 5 + step * (1 + user % 3)) % 50}", float(60 * step + user), 1.0)
        for user in range(20)
        for step in range(28)
    ]
    results = evaluate(log_of(rows), "cold-users", [Popularity()], seeds=2, cuts=(10,))
    known = [f"known {count}" for count in (0, 1, 2, 5, 10, 20)]
    figures = [results.buckets[name]["popularity"]["ndcg@10"]["mean"] for name in known]
    # Targets and what is ranked are the same for all six, and popularity does not read histories.
    assert len(set(figures)) == 1
    assert results.models["popularity"]["ndcg@10"]["mean"] == pytest.approx(figures[0])
    assert results.buckets["history none"]["popularity"] == results.buckets["known 0"]["popularity"]


def test_root_mean_squared_errors_are_roots_of_means_over_users() -> None:
    log = checkerboard()
    log = replace(log, ratings=(np.arange(len(log.users)) % 5 + 1).astype(np.float32))
    results = evaluate(log, "last-liked", [Three(), Shy()], seeds=2, cuts=(10,))
    (split,) = splitter("last-liked")(log, 0)
    (other,) = splitter("last-liked")(log, 1)
    # Nothing ties in this log, so that the salts ask for the same.
    assert split.ratings.tolist() == other.ratings.tolist()
    errors = split.ratings - 3.0
    assert results.models["three"]["rmse"]["mean"] == pytest.approx(np.sqrt((errors**2).mean()))
    assert results.models["three"]["mae"]["mean"] == pytest.approx(np.abs(errors).mean())
    assert results.models["three"]["rmse"]["low"] < results.models["three"]["rmse"]["high"]
    assert np.isnan(results.models["shy"]["rmse"]["mean"])
    assert list(results.models["three"]) == list(results.models["shy"])
    assert "rmse" not in results.differences["three - shy"]


def test_chances_are_judged_by_what_followed() -> None:
    rows: list[Event] = [("ann", item, float(time), 1.0) for time, item in enumerate("abcdeh")]
    rows += [("bob", item, float(time), 1.0) for time, item in enumerate("hgfed")]
    log = log_of(rows, item_ids=list("abcdefgh"))
    # Ann's history ends with e at 4, bob's with e at 3. Nothing is said of a, item 0.
    shows = [("ann", "h", 4.5), ("ann", "g", 4.5), ("ann", "f", 4.6), ("bob", "b", 3.5), ("bob", "a", 3.5)]
    half = Half()

    def splits_of(salt: int) -> list[Split]:
        return [with_shown(last_liked(log, salt), log, impressions_of(log, shows))]

    results = judge(splits_of, "last-liked", [half, Shy()], Plan(2, (3,)))
    found = results.models["half"]
    assert found["log_loss"]["mean"] == pytest.approx(math.log(2))
    # One of four was liked, where one half was said.
    assert found["calibration_error"]["mean"] == pytest.approx(0.25)
    assert found["adaptive_calibration_error"]["mean"] == pytest.approx(0.25)
    assert np.isnan(results.models["shy"]["log_loss"]["mean"])
    assert list(results.models["shy"]) == list(found)
    assert (results.details["half"]["impressions"], results.details["shy"]["impressions"]) == (8, 0)
    assert all(split.shown is None for split in half.handed)


def test_without_impressions_there_are_no_chances() -> None:
    results = evaluate(checkerboard(), "last-liked", [Half()], seeds=1, cuts=(3,))
    assert not any("calibration_error" in name or name == "log_loss" for name in results.models["half"])
    assert "impressions" not in results.details["half"]


def test_what_a_model_chose_while_it_learnt_is_in_the_details() -> None:
    details = evaluate(checkerboard(), "last-liked", [Half()], seeds=3, cuts=(3,)).details["half"]
    assert (details["breadth (least)"], details["breadth (most)"], details["always"]) == (0.0, 2.0, 1.0)
    assert evaluate(checkerboard(), "last-liked", [Half()], seeds=1, cuts=(3,)).details["half"]["breadth"] == 0.0


def _judging(*salts: int) -> Callable[[int], list[Split]]:
    def splits_of(salt: int) -> list[Split]:
        if salt not in salts:
            raise BadData(f"nobody on {salt}")
        return [last_liked(checkerboard(), salt)]

    return splits_of


def test_a_salt_that_judges_nobody_is_told_and_passed_over() -> None:
    told: list[Step] = []
    shy = Shy("once")
    plan = Plan(4, (3,), seeds_of={"once": 1})
    results = judge(_judging(1, 3), "last-liked", [Popularity(), shy], plan, progress=told.append)
    assert list(results.splits) == ["salt 1", "salt 3"]
    assert (results.seeds, results.details["popularity"]["seeds"], results.details["once"]["seeds"]) == (2, 2, 1)
    assert [str(step).split("] ")[1].split(":")[0] for step in told] == [
        "salt 1, popularity", "salt 1, once", "salt 0 is passed over", "salt 2 is passed over", "salt 3, popularity",
    ]  # fmt: skip
    assert told[2].what == "salt 0 is passed over: nobody on 0"
    assert [(step.done, step.total) for step in told] == [(1, 5), (2, 5), (2, 4), (2, 3), (3, 3)]
    alone = judge(_judging(1, 3), "last-liked", [Popularity()], Plan(2, (3,), seed=1, seeds_of={"popularity": 3}))
    assert alone.models["popularity"] == results.models["popularity"]


def test_where_no_salt_judges_anybody_it_is_an_error_and_nothing_else_is_said() -> None:
    told: list[Step] = []
    with pytest.raises(BadData, match="nobody on 2"):
        judge(_judging(), "last-liked", [Popularity()], Plan(3, (3,), seed=2), progress=told.append)
    assert not told


def test_the_same_call_gives_the_same_figures() -> None:
    first, second = (
        evaluate(checkerboard(), "last-liked", [Popularity(), Shy()], seeds=2, cuts=(10,)) for _ in range(2)
    )
    assert first.models == second.models
    assert first.buckets == second.buckets


@pytest.mark.parametrize(
    ("peers", "seeds", "cuts", "said"),
    [
        ([], 1, (10,), r"peers holds \[\]"),
        ([Shy(), Shy()], 1, (10,), "each name once"),
        ([Shy()], 0, (10,), "seeds is 0"),
        ([Shy()], 1, (), r"cuts \(\)"),
        ([Shy()], 1, (10, 0), "expected numbers from 1"),
    ],
)
def test_wrong_calls(peers: list[Peer], seeds: int, cuts: tuple[int, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        evaluate(checkerboard(), "last-liked", peers, seeds=seeds, cuts=cuts)


def test_cross_modal_is_no_protocol_of_a_log() -> None:
    with pytest.raises(ValueError, match="'cross-modal' parts no log"):
        evaluate(checkerboard(), "cross-modal", [Shy()], seeds=1, cuts=(10,))
