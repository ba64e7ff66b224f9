"""Followings: against pairs counted one by one, by hand, and what shrinking is for."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ranker.followings import Followings, Reach, followings
from ranker.likings import NO_SESSION, Likings

USERS, ITEMS = 4, 5
Event = tuple[int, int, float, int]
EVENTS = st.lists(
    st.tuples(
        st.integers(0, USERS - 1),
        st.integers(0, ITEMS - 1),
        st.sampled_from([0.0, 1.0, 2.0, 5.0, 9.0]),
        st.sampled_from([NO_SESSION, 0, 1]),
    ),
    max_size=30,
)
REACHES = st.builds(Reach, seconds=st.sampled_from([0.0, 1.0, 4.0, np.inf]), in_session=st.booleans()) | st.builds(
    Reach, places=st.integers(1, 3)
)


def likings(events: Sequence[Event]) -> Likings:
    found = Likings()
    for event in events:
        found.add(*event)
    return found


def follows(mine: Sequence[Event], item: int, other: int, reach: Reach) -> bool:
    """Return whether a user with `mine`, by time, has `other` within reach after or with `item`."""
    for place, (_, first, then, here) in enumerate(mine):
        for further, (_, second, later, there) in enumerate(mine):
            if (first, second) != (item, other):
                continue
            if reach.places and 0 < further - place <= reach.places:
                return True
            together = reach.in_session and here == there != NO_SESSION
            if not reach.places and (0 <= later - then <= reach.seconds or (together and later >= then)):
                return True
    return False


def counted(events: Sequence[Event], item: int, reach: Reach) -> dict[int, int]:
    """Count users pair by pair."""
    # Python's sort is stable: equal times stay as recorded.
    by_user = [sorted((e for e in events if e[0] == user), key=lambda e: e[2]) for user in range(USERS)]
    found = {
        other: sum(follows(mine, item, other, reach) for mine in by_user) for other in range(ITEMS) if other != item
    }
    return {other: support for other, support in found.items() if support}


@given(EVENTS, st.integers(0, ITEMS - 1), REACHES)
@example([(0, 0, 1.0, NO_SESSION), (0, 1, 1.0, NO_SESSION), (0, 0, 1.0, NO_SESSION)], 0, Reach(seconds=0.0))
@example([(0, 1, 1.0, NO_SESSION), (0, 0, 1.0, NO_SESSION)], 0, Reach(seconds=0.0))
@example([(0, 0, 5.0, NO_SESSION), (1, 1, 5.0, NO_SESSION)], 0, Reach(places=3))
def test_pairs_are_those_counted_one_by_one(events: list[Event], item: int, reach: Reach) -> None:
    found = followings(likings(events), item, reach)
    supports = counted(events, item, reach)
    assert dict(zip(found.items.tolist(), found.support.tolist(), strict=True)) == supports
    who = [len({user for user, liked, *_ in events if liked == other}) for other in range(ITEMS)]
    rest = sum(who) - who[item]
    chance = [sum(supports.values()) * who[other] / rest for other in supports]
    np.testing.assert_allclose(found.expected, chance)
    np.testing.assert_allclose(found.lift, [supports[other] / e for other, e in zip(supports, chance, strict=True)])


def test_by_hand() -> None:
    # Three users: printer (0) then ink (1); the third also paper (2) afterwards, the fourth paper alone.
    events = [
        (0, 0, 0.0, NO_SESSION),
        (0, 1, 1.0, NO_SESSION),
        (1, 0, 0.0, NO_SESSION),
        (1, 1, 1.0, NO_SESSION),
        (2, 0, 0.0, NO_SESSION),
        (2, 1, 1.0, NO_SESSION),
        (2, 2, 2.0, NO_SESSION),
        (3, 2, 0.0, NO_SESSION),
    ]
    found = followings(likings(events), 0, Reach(seconds=10.0))
    assert found.items.tolist() == [1, 2]
    assert found.support.tolist() == [3, 1]
    # Four followings; of the five other likings (user, item) three are of ink, two of paper.
    assert found.expected == pytest.approx([4 * 3 / 5, 4 * 2 / 5])
    adds, takes = found.logs(2.0)
    assert np.exp(adds + takes) == pytest.approx([(3 + 2) / (2.4 + 2), (1 + 2) / (1.6 + 2)])
    assert followings(likings(events), 1, Reach(seconds=10.0)).items.tolist() == [2]
    assert followings(likings(events), 2, Reach(seconds=10.0)).items.tolist() == []


def test_a_pair_seen_once_does_not_win_over_one_seen_often() -> None:
    found = Followings(np.asarray([0, 1]), np.asarray([1, 40]), np.asarray([0.001, 4.0]))
    assert found.lift[0] > found.lift[1]
    scores = np.sum(found.logs(5.0), axis=0)
    assert scores[0] < scores[1]
    assert found.at_least(2).items.tolist() == [1]


def test_nobody_liked_anything() -> None:
    assert followings(likings([]), 3, Reach(places=1)).items.tolist() == []


def test_a_session_reaches_further_than_a_week_but_not_back() -> None:
    days = 86_400.0
    events = [
        (0, 0, 0.0, 4), (0, 1, 8 * days, 4), (0, 2, 9 * days, 5), (0, 0, 20 * days, 5), (0, 3, 21 * days, 6),
    ]  # fmt: skip
    reach = Reach(seconds=7 * days, in_session=True)
    assert followings(likings(events), 0, reach).items.tolist() == [1, 3]
    assert followings(likings(events), 1, reach).items.tolist() == [2]
    assert followings(likings(events), 0, Reach(seconds=7 * days)).items.tolist() == [3]
