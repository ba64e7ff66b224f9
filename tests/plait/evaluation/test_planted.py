"""The planted cheater is found, the honest are not accused, and handed over blind there is nothing to read."""

import numpy as np
import pytest

from plait.evaluation.peers.item_knn import ItemKnn
from plait.evaluation.peers.peer import Settings
from plait.evaluation.peers.popularity import Popularity
from plait.evaluation.planted import (
    FittedCheater,
    PlantedCheater,
    check_as_popular,
    check_blind,
    check_targets,
    with_other_targets,
)
from plait.evaluation.protocols import SPLITTERS
from plait.evaluation.runner import evaluate
from plait.evaluation.splits import Split
from plait.evaluation.splitters import last_liked
from plait.history import Log
from tests.plait.evaluation.logs import Event, checkerboard, log_of
from tests.plait.evaluation.models import Oracle, Peeker

ROWS: list[Event] = [
    (f"u{user}", f"i{(user * 5 + step * (1 + user % 3)) % 50}", float(60 * step + user), 1.0 if step % 3 else -1.0)
    for user in range(20)
    for step in range(28)
]


@pytest.mark.parametrize("protocol", SPLITTERS)
def test_other_targets_are_as_many_and_neither_seen_nor_the_true_ones(protocol: str) -> None:
    split = SPLITTERS[protocol](log_of(ROWS), 0)[0]
    other = with_other_targets(split, 3)
    assert len(other.targets) == len(split.targets)
    changed = 0
    for case in range(len(split)):
        mine = slice(*split.target_offsets[case : case + 2].tolist())
        if set(other.targets[mine].tolist()) == set(split.targets[mine].tolist()):
            continue
        changed += 1
        seen = split.seen.items[split.seen.offsets[case] : split.seen.offsets[case + 1]]
        drawn = set(other.targets[mine].tolist())
        assert len(drawn) == len(other.targets[mine])
        assert not drawn & {*seen.tolist(), *split.targets[mine].tolist()}
        assert drawn <= set(split.pool.tolist())
    assert changed > 0


def _split() -> Split:
    return last_liked(checkerboard(users=60), 0)


def test_the_cheater_is_found() -> None:
    check = check_targets(PlantedCheater(), _split(), {})
    assert check.moved
    assert check.plain["mean"] == 1.0
    assert check.disguised["mean"] < 0.6


def test_any_other_model_that_reads_targets_is_found_as_well() -> None:
    assert check_targets(Peeker(), _split(), {}).moved


@pytest.mark.parametrize("peer", [Popularity(), ItemKnn()], ids=lambda peer: peer.name)
def test_the_honest_are_cleared(peer: Popularity | ItemKnn) -> None:
    settings = {"shrinkage": 0.0, "neighbours": 50.0}
    for check in (check_targets(peer, _split(), settings), check_blind(peer, _split(), settings)):
        assert not check.moved
        assert check.plain == check.disguised


def test_in_an_evaluation_the_cheater_is_popularity_and_no_better() -> None:
    results = evaluate(checkerboard(users=60), "last-liked", [Popularity(), PlantedCheater()], seeds=2, cuts=(10,))
    assert results.models["planted-cheater"] == results.models["popularity"]
    blind = check_blind(PlantedCheater(), _split(), {})
    assert blind.moved
    assert blind.plain["mean"] == 1.0


def test_handed_over_blind_the_cheater_is_no_better_than_popularity() -> None:
    check = check_as_popular(PlantedCheater(), _split(), {})
    assert not check.moved
    assert check.plain["mean"] == check.disguised["mean"] < check.plain["high"]
    assert "no targets, beside popularity: planted-cheater ndcg@10" in str(check)


def test_a_cheater_that_has_its_answers_from_elsewhere_is_better_than_popularity() -> None:
    log = checkerboard(users=60)
    check = check_as_popular(Oracle(log), last_liked(log, 0), {}, cut=3)
    assert check.moved
    assert check.disguised["mean"] == 1.0


def test_one_that_is_worse_has_found_nothing() -> None:
    # Nobody's favourites, shown last of all: below any interval of popularity.
    assert not check_as_popular(Unpopular(), last_liked(_favourites(), 0), {}, cut=3).moved


def _favourites() -> Log:
    rows: list[Event] = [(f"u{user}", f"i{user}{step}", float(step), 1.0) for user in range(30) for step in range(5)]
    rows += [(f"u{user}", "best", 9.0 if user % 2 else 0.5, 1.0) for user in range(30)]
    return log_of(rows)


class Unpopular(PlantedCheater):
    """Shows what is met most last of all."""

    name = "unpopular"

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedCheater:
        """Count, and turn it round."""
        return FittedCheater({}, -Popularity().fit(split, settings, seed=seed).counts)


def test_what_is_learnt_from_does_not_change_with_the_targets() -> None:
    split = _split()
    other = with_other_targets(split, 0)
    assert other.learnt is split.learnt
    np.testing.assert_array_equal(other.histories.items, split.histories.items)
    assert with_other_targets(split, 0).targets.tolist() == other.targets.tolist()
