"""Learning caps: no user and no item teaches more than its share, whatever comes."""

from collections import deque

from hypothesis import given, settings
from hypothesis import strategies as st

from plait.learning_caps import LearningCaps
from plait.stream_settings import Learning

SHARES = {"hit": 0.2, "rare": 0.001}
NAMES = st.tuples(st.sampled_from(["ann", "bob", "cy"]), st.sampled_from(["hit", "rare", "new"]))


def slow(settings_: Learning, events: list[tuple[str, str]]) -> list[str]:
    """Return what is said of each event, counting anew each time."""
    said = []
    for place, (user_id, item_id) in enumerate(events):
        last = events[max(0, place + 1 - settings_.window) : place + 1]
        most = max(settings_.burst * SHARES.get(item_id, 0.0), settings_.per_item) * settings_.window
        if sum(user == user_id for user, _ in last) > settings_.per_user:
            said.append("user")
        elif sum(item == item_id for _, item in last) > max(most, 1.0):
            said.append("item")
        else:
            said.append("")
    return said


@given(st.lists(NAMES, max_size=60), st.integers(1, 20), st.integers(1, 8), st.floats(0.01, 1.0))
@settings(max_examples=60, deadline=None)
def test_caps_are_those_of_a_plain_count(events: list[tuple[str, str]], window: int, user: int, item: float) -> None:
    chosen = Learning(window=window, per_user=user, per_item=item, burst=2.0)
    caps = LearningCaps(chosen, SHARES)
    assert [caps.take(*event) for event in events] == slow(chosen, events)


def test_a_flood_teaches_no_more_than_its_share() -> None:
    caps = LearningCaps(Learning(window=100, per_user=10), {})
    taken = deque(caps.take("bot", f"item-{turn}") for turn in range(1_000))
    assert taken.count("") == 10
    assert set(list(taken)[10:]) == {"user"}
    assert caps.take("ann", "item-0") == ""


def test_a_hit_is_learnt_from_and_spam_hardly() -> None:
    caps = LearningCaps(Learning(window=1_000, per_user=1, per_item=0.005, burst=4.0), SHARES)
    hits = [caps.take(f"user-{turn}", "hit") for turn in range(500)]
    spam = [caps.take(f"fake-{turn}", "new") for turn in range(500)]
    assert hits.count("") == 500
    assert spam.count("") == 5
