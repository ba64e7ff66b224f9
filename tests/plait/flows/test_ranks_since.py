"""Ranks of likings: whose they are, what they are ranked by, and that following finds what reading anew finds."""

from pathlib import Path

import numpy as np
import pytest

from plait.flows import ranks_since
from plait.flows.ranks_since import RanksSince
from plait.flows.recommend import Asker, user_side
from plait.live import Live
from plait.records import Event, Interaction
from plait.workspace import Workspace
from tests.plait import toy

LATER = toy.START + 1_000_000.0
HOUR = 3_600.0


def since(live: Live, after: int) -> RanksSince:
    return RanksSince(live, live.refresh().models, after=after, seed=3)


def followed(live: Live, ranks: RanksSince) -> list[float]:
    ranks.follow(live.refresh(), live.workspace.store.sequence())
    return ranks.ranks


@pytest.fixture
def live(own: Path) -> Live:
    return Live(Workspace.open(own))


def record(live: Live, *events: Event) -> None:
    live.workspace.store.record(events)


def test_a_rank_is_the_share_of_items_that_score_higher(live: Live) -> None:
    after = live.workspace.store.sequence()
    record(live, Event("user-0", "space-4", LATER, "like"))
    moment = live.refresh()
    store = live.workspace.store
    before = [one for one in store.recent_interactions(["user-0"], 100)["user-0"] if one.timestamp < LATER]
    met = moment.models.item_ids.ids(np.flatnonzero(moment.models.ranker.items.met))
    rows = moment.index.rows(met)
    users = user_side(moment, [Asker(events=before)])
    logits = moment.models.ranker.score(users, moment.items, rows[None], moment.index.vectors(rows)[None]).logits[0]
    own = logits[met.index("space-4")]
    expected = ((logits > own).sum() + 0.5 * (logits == own).sum()) / len(met)
    assert followed(live, since(live, after)) == pytest.approx([expected])


def test_what_a_user_likes_by_taste_ranks_before_what_is_not(live: Live) -> None:
    after = live.workspace.store.sequence()
    record(live, *(Event(user, f"{family}-4", LATER, "like") for user in ("user-0",) for family in ("cooking",)))
    record(live, Event("user-4", "space-4", LATER, "like"))
    liked, strange = followed(live, since(live, after))
    assert liked < strange


@pytest.mark.parametrize(
    ("events", "count"),
    [
        ([("space-3", "like", 0.0)], 1),
        ([("space-3", "skip", 0.0)], 0),
        ([("nowhere", "like", 0.0)], 0),
        # Known to the user before.
        ([("cooking-0", "like", 0.0)], 0),
        # One sitting, and another.
        ([("space-3", "like", 0.0), ("space-4", "like", HOUR - 1)], 1),
        ([("space-3", "like", 0.0), ("space-4", "like", HOUR)], 2),
        # The second time it is known.
        ([("space-3", "like", 0.0), ("space-3", "like", HOUR)], 1),
    ],
)
def test_what_counts(live: Live, events: list[tuple[str, str, float]], count: int) -> None:
    after = live.workspace.store.sequence()
    record(live, *(Event("user-0", item, LATER + at, event) for item, event, at in events))
    assert len(followed(live, since(live, after))) == count


def test_a_new_item_is_not_the_models_to_rank(live: Live) -> None:
    after = live.workspace.store.sequence()
    record(live, Event("user-0", "space-3", LATER, "like"))
    with live.workspace.store.write() as change:
        change.remove_items(["space-3"])
    assert followed(live, since(live, after)) == []


def test_following_finds_what_reading_anew_finds(live: Live) -> None:
    after = live.workspace.store.sequence()
    rng = np.random.default_rng(1)
    ranks = since(live, after)
    families = list(toy.FAMILIES)
    for turn in range(6):
        record(
            live,
            *(
                Event(f"user-{user}", f"{families[rng.integers(4)]}-{rng.integers(6)}", LATER + turn * HOUR, "like")
                for user in rng.integers(0, 12, 9).tolist()
            ),
        )
        followed(live, ranks)
    assert len(ranks.ranks) > 20
    np.testing.assert_allclose(ranks.ranks, followed(live, since(live, after)), atol=1e-6)


def test_a_log_that_was_rewritten_is_ranked_again(live: Live) -> None:
    after = live.workspace.store.sequence()
    record(live, Event("anybody", "space-3", LATER, "like"), Event("user-0", "space-4", LATER, "like"))
    ranks = since(live, after)
    assert len(followed(live, ranks)) == 2
    with live.workspace.store.write() as change:
        change.move_events("anybody", "user-0")
    # The second liking of the same sitting says nothing more.
    assert followed(live, ranks) == followed(live, since(live, after))
    assert len(ranks.ranks) == 1


def test_what_was_recorded_before_is_no_liking_since_when_it_is_moved(live: Live) -> None:
    record(live, Event("anybody", "space-3", LATER, "like"))
    after = live.workspace.store.sequence()
    ranks = since(live, after)
    assert followed(live, ranks) == []
    with live.workspace.store.write() as change:
        change.move_events("anybody", "user-0")
    assert followed(live, ranks) == []
    assert followed(live, since(live, after)) == []


def test_of_many_likings_ever_fewer_are_ranked(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranks_since, "ALL", 10)
    monkeypatch.setattr(ranks_since, "THINNED", 5)
    ranks = since(live, 0)
    counted = [
        number
        for number in range(1, 41)
        if ranks._counts(f"reader-{number}", Interaction("space-3", "like", None, LATER))
    ]
    expected = [n for n in range(1, 41) if n <= 10 or n % (n // 5) == 0]
    assert counted == expected
    assert len(counted) < 25
