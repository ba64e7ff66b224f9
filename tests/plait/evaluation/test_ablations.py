"""Ablations: what is left out is gone, and what is left stands in for it or does not."""

import numpy as np

from plait.evaluation.ablations import ablations, without_strand
from plait.evaluation.peers.plait_peer import PlaitPeer
from plait.evaluation.runner import evaluate
from plait.evaluation.splitters import last_liked
from plait.user_features import KnownUsers
from ranker.combination import PARTS
from tests.plait.evaluation.logs import checkerboard
from tests.plait.evaluation.peers.content_items import clouds as items

SPANS = {"text": [(0, 4)]}


def test_every_part_and_every_strand_has_its_turn() -> None:
    names = [peer.name for peer in ablations(PlaitPeer(items()), SPANS)]
    # The toy has a text and neither pictures nor attributes.
    assert names == [*(f"without {part}" for part in PARTS), "without text"]


def test_a_strand_that_is_gone_leaves_the_others_as_they_are() -> None:
    whole = items()
    left = without_strand(whole, "text", SPANS["text"])
    assert not left.vectors[:, :4].any()
    np.testing.assert_array_equal(left.vectors[:, 4:], whole.vectors[:, 4:])
    assert left.features.strands == {}
    assert whole.vectors[:, :4].any()
    assert "text" in whole.features.strands


def test_without_a_part_the_score_says_nothing_of_it() -> None:
    split = last_liked(checkerboard(), 0)
    for peer in ablations(PlaitPeer(items()), SPANS)[: len(PARTS)]:
        fitted = peer.fit(split, {}, seed=0)
        weights = fitted.ranker.combination.weights(np.asarray([0, 5, 500]))
        assert not weights[:, PARTS.index(peer.without[0])].any()


def test_a_part_that_carries_the_answer_is_missed() -> None:
    """Without what tells even from odd items nothing is left but chance; without popularity nothing is lost."""
    peer = PlaitPeer(items())
    blind = PlaitPeer(without_strand(items(), "text", [(0, 6)]), "blind", ("cf", "items", "cold"))
    plain = next(one for one in ablations(peer, SPANS) if one.name == "without popularity")
    results = evaluate(checkerboard(), "last-liked", [peer, blind, plain], seeds=2, cuts=(3,))
    hit = {name: values["hit@3"]["mean"] for name, values in results.models.items()}
    assert hit["blind"] < hit["plait"] - 0.2
    assert hit["without popularity"] > hit["plait"] - 0.1


def test_what_is_known_of_users_has_its_turn_where_something_is() -> None:
    known = PlaitPeer(items(), users=KnownUsers({"user-1": {"age": 30.0}}))
    blind = ablations(known, SPANS)[-1]
    assert (blind.name, blind.users) == ("without users", KnownUsers())
    assert blind.items is known.items
