"""Learning memory: what a learner judges by, and what it learns from again."""

from collections import Counter, deque
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from plait.flows.stream_examples import KNOWN, Told
from ranker.stream import Examples

HELD_SHARE = 6
"""One of so many events is held out: it judges, and is never learnt from."""
HELD = 256
"""The last so many of these judge."""
HELD_OF_USER, HELD_OF_ITEM = 12, 8
"""At most so many of these are of one user, and of one item: nobody is judge alone."""
REPLAYED = 32
"""So many groups of earlier examples are kept, of which one is learnt from again with each new one."""


def is_held(told: Told) -> bool:
    """Return whether an event is held out, by a hash of what it is: the same for every process that reads it."""
    name = f"{told.event.user_id}\x1f{told.event.interaction.item_id}".encode()
    return int.from_bytes(blake2b(name, digest_size=8).digest()) % HELD_SHARE == 0


class LearningMemory:
    """The last likings that were held out, and groups of examples from before, against forgetting."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._held: deque[tuple[Examples, list[tuple[str, str]]]] = deque()
        self._earlier: deque[Examples] = deque(maxlen=REPLAYED)

    @property
    def held(self) -> list[Examples]:
        """What judges, the oldest first."""
        return [examples for examples, _ in self._held]

    @property
    def count(self) -> int:
        """How many likings judge."""
        return sum(int((examples.weights > 0).sum()) for examples in self.held)

    def admitted(self, told: Sequence[Told]) -> list[Told]:
        """Return which of the likings that are held out may judge: of known users, few of one, and of one item."""
        users = Counter(user for _, names in self._held for user, _ in names)
        items = Counter(item for _, names in self._held for _, item in names)
        chosen = []
        for one in told:
            user_id, item_id = one.event.user_id, one.event.interaction.item_id
            if one.weight <= 0 or len(one.before) < KNOWN:
                continue
            if users[user_id] >= HELD_OF_USER or items[item_id] >= HELD_OF_ITEM:
                continue
            users[user_id] += 1
            items[item_id] += 1
            chosen.append(one)
        return chosen

    def hold(self, told: Sequence[Told], groups: Sequence[Examples]) -> None:
        """Let what was `told` judge from now on, `groups` being the same as examples; the oldest give way."""
        start = 0
        for examples in groups:
            some = told[start : start + len(examples)]
            self._held.append((examples, [(one.event.user_id, one.event.interaction.item_id) for one in some]))
            start += len(examples)
        while self.count - len(self._held[0][0]) >= HELD if self._held else False:
            self._held.popleft()

    def remember(self, groups: Sequence[Examples]) -> None:
        """Keep examples to learn from again."""
        self._earlier.extend(groups)

    def replayed(self, groups: Sequence[Examples], *, seed: int) -> list[Examples]:
        """Return new groups, each followed by one from before."""
        rng, earlier = np.random.default_rng(seed), list(self._earlier)
        if not earlier:
            return list(groups)
        return [one for group in groups for one in (group, earlier[rng.integers(len(earlier))])]
