"""Quality: what the catalogue lacks, what nearly stands twice in it, and what the log is made of."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from embedders.items import Item, media_paths
from plait.flows.duplicates import duplicate_pairs
from plait.live import Live

NAMED = 24
LACKS: dict[str, Callable[[Item], bool]] = {
    "title": lambda item: not item.title.strip(),
    "description": lambda item: not item.description.strip(),
    "image": lambda item: not media_paths(item.image),
    "audio": lambda item: not media_paths(item.audio),
}


@dataclass(frozen=True, slots=True)
class Quality:
    """How many items lack what, the first of each; pairs that are nearly the same; events by type."""

    items: int
    lacking: dict[str, int]
    named: dict[str, tuple[str, ...]]
    duplicates: tuple[tuple[str, str], ...]
    duplicate_count: int
    events: dict[str, int]
    users: int

    def to_json(self) -> dict[str, Any]:
        """Return it as the service tells it."""
        lacking = {name: {"count": count, "items": list(self.named[name])} for name, count in self.lacking.items()}
        return {
            "items": self.items, "users": self.users, "lacking": lacking,
            "duplicates": {"count": self.duplicate_count, "pairs": [list(pair) for pair in self.duplicates]},
            "events": self.events,
        }  # fmt: skip


def quality(live: Live) -> Quality:
    """Return the quality of a workspace's catalogue and log, as they are now; it reads all of both."""
    workspace = live.workspace
    lacking: dict[str, list[str]] = {name: [] for name in LACKS}
    count = 0
    for stored in workspace.store.items():
        count += 1
        for name, lacks in LACKS.items():
            if lacks(stored.item):
                lacking[name].append(stored.item.item_id)
    events: Counter[str] = Counter()
    users: set[str] = set()
    for batch in workspace.store.events():
        events.update(event.event for event in batch)
        users.update(event.user_id for event in batch)
    # The snapshot still has what was removed since.
    found = duplicate_pairs(workspace)
    living = workspace.store.items_by_id(list({item_id for pair in found for item_id in pair}))
    pairs = [pair for pair in found if living.keys() >= set(pair)]
    return Quality(
        count, {name: len(ids) for name, ids in lacking.items()},
        {name: tuple(ids[:NAMED]) for name, ids in lacking.items()},
        tuple(pairs[:NAMED]), len(pairs), dict(events.most_common()), len(users),
    )  # fmt: skip
