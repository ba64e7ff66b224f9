"""What judges: the last likings that were held out, few of one user and of one item."""

import numpy as np
import pytest

from plait.flows import learning_memory
from plait.flows.learning_memory import HELD, HELD_OF_ITEM, HELD_OF_USER, LearningMemory
from plait.flows.stream_examples import KNOWN, Told
from plait.records import Interaction
from plait.store.stream_reads import StreamEvent
from ranker.stream import Examples


def told(number: int, user: str, item: str, *, weight: float = 1.0, known: int = KNOWN) -> Told:
    """Return a liking; `number` is its row too."""
    said = Interaction(item, "like", None, float(number))
    return Told(StreamEvent(number, user, said, None), number, weight, [said] * known, {}, ())


def groups(given: list[Told], size: int = 32) -> list[Examples]:
    """Return examples whose rows are what was told."""
    found = []
    for start in range(0, len(given), size):
        rows = np.array([one.row for one in given[start : start + size]])
        one, two = np.ones((len(rows), 1), np.float32), np.ones((len(rows), 2), np.float32)
        found.append(Examples(rows, np.zeros(1, np.int64), two[:, :, None], two, one, rows, one[:, 0]))
    return found


def heard(memory: LearningMemory, given: list[Told]) -> None:
    admitted = memory.admitted(given)
    memory.hold(admitted, groups(admitted))


def judges(memory: LearningMemory) -> list[int]:
    return [row for examples in memory.held for row in examples.chosen.tolist()]


def test_the_oldest_of_a_user_gives_way() -> None:
    memory = LearningMemory()
    for number in range(40):
        heard(memory, [told(number, "one", f"item-{number}")])
    assert judges(memory) == list(range(40 - HELD_OF_USER, 40))
    heard(memory, [told(40, "other", "item-40")])
    assert judges(memory) == list(range(40 - HELD_OF_USER, 41))


def test_the_oldest_of_an_item_gives_way_within_a_batch_too() -> None:
    memory = LearningMemory()
    heard(memory, [told(number, f"user-{number}", "one") for number in range(5)])
    heard(memory, [told(number, f"user-{number}", "one") for number in range(5, 20)])
    assert judges(memory) == list(range(20 - HELD_OF_ITEM, 20))
    assert memory.count == HELD_OF_ITEM


def test_both_may_give_way_to_one() -> None:
    memory = LearningMemory()
    of_user = [told(number, "one", f"item-{number}") for number in range(HELD_OF_USER)]
    of_item = [told(100 + number, f"user-{number}", "thing") for number in range(HELD_OF_ITEM)]
    heard(memory, [*of_user, *of_item])
    assert memory.count == HELD_OF_USER + HELD_OF_ITEM
    heard(memory, [told(200, "one", "thing")])
    assert judges(memory) == [*range(1, HELD_OF_USER), *range(101, 100 + HELD_OF_ITEM), 200]


def test_a_few_users_are_judged_by_what_they_did_last() -> None:
    """Five users and ten items can never fill the memory: what judges must move on all the same."""
    memory, rng = LearningMemory(), np.random.default_rng(0)
    for number in range(400):
        heard(memory, [told(number, f"user-{rng.integers(5)}", f"item-{rng.integers(10)}")])
    assert 5 * HELD_OF_USER >= memory.count >= 40
    assert min(judges(memory)) > 300


def test_the_last_ones_of_all_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = LearningMemory()
    heard(memory, [told(number, f"user-{number}", f"item-{number}") for number in range(HELD + 50)])
    assert judges(memory) == list(range(50, HELD + 50))
    monkeypatch.setattr(learning_memory, "HELD", 3)
    heard(memory, [])
    assert judges(memory) == list(range(HELD + 47, HELD + 50))


def test_dislikes_and_strangers_do_not_judge() -> None:
    memory = LearningMemory()
    given = [told(0, "one", "a", weight=-1.0), told(1, "one", "b", known=KNOWN - 1), told(2, "one", "c")]
    assert [one.row for one in memory.admitted(given)] == [2]
