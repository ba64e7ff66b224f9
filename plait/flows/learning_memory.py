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
"""At most so many of these, the latest, are of one user, and of one item: nobody is judge alone."""
REPLAYED = 32
"""So many groups of earlier examples are kept, of which one is learnt from again with each new one."""
Name = tuple[str, str]
"""User and item of a liking."""


def is_held(told: Told) -> bool:
    """Return whether an event is held out, by a hash of what it is: the same for every process that reads it."""
    name = f"{told.event.user_id}\x1f{told.event.interaction.item_id}".encode()
    return int.from_bytes(blake2b(name, digest_size=8).digest()) % HELD_SHARE == 0


class LearningMemory:
    """The last likings that were held out, and groups of examples from before, against forgetting."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._held: list[tuple[Examples, list[Name]]] = []
        self._earlier: deque[Examples] = deque(maxlen=REPLAYED)

    @property
    def held(self) -> list[Examples]:
        """What judges, the oldest first."""
        return [examples for examples, _ in self._held]

    @property
    def count(self) -> int:
        """How many likings judge."""
        return sum(len(names) for _, names in self._held)

    def admitted(self, told: Sequence[Told]) -> list[Told]:
        """Return which of the likings that are held out may judge: of known users, the last of one, and of one item."""
        known = [one for one in told if one.weight > 0 and len(one.before) >= KNOWN]
        return [one for one, stays in zip(known, staying(list(map(_name, known))), strict=True) if stays]

    def hold(self, told: Sequence[Told], groups: Sequence[Examples]) -> None:
        """Let what was `told`, all of it admitted, judge from now on, `groups` being the same as examples.

        The oldest give way: of all, and of a user and an item that have had their share.
        """
        start = 0
        for examples in groups:
            self._held.append((examples, list(map(_name, told[start : start + len(examples)]))))
            start += len(examples)
        stays = iter(staying([name for _, names in self._held for name in names]))
        # Each group takes from the same iterator as many as it has.
        places = [[place for place in range(len(names)) if next(stays)] for _, names in self._held]
        self._held = [
            (examples if len(mine) == len(names) else examples.take(np.asarray(mine)), [names[place] for place in mine])
            for (examples, names), mine in zip(self._held, places, strict=True)
            if mine
        ]

    def remember(self, groups: Sequence[Examples]) -> None:
        """Keep examples to learn from again."""
        self._earlier.extend(groups)

    def replayed(self, groups: Sequence[Examples], *, seed: int) -> list[Examples]:
        """Return new groups, each followed by one from before."""
        rng, earlier = np.random.default_rng(seed), list(self._earlier)
        if not earlier:
            return list(groups)
        return [one for group in groups for one in (group, earlier[rng.integers(len(earlier))])]


def staying(names: Sequence[Name]) -> list[bool]:
    """Return which of some likings, the oldest first, stay: the last HELD within what one user and item may have."""
    users, items = Counter[str](), Counter[str]()
    stays = [False] * len(names)
    for place in reversed(range(len(names))):
        user_id, item_id = names[place]
        if users[user_id] < HELD_OF_USER and items[item_id] < HELD_OF_ITEM and users.total() < HELD:
            users[user_id] += 1
            items[item_id] += 1
            stays[place] = True
    return stays


def _name(told: Told) -> Name:
    return told.event.user_id, told.event.interaction.item_id
