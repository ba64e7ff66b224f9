"""Which friends liked what is recommended: the reasons that the part `friends` of a score can name."""

from collections.abc import Sequence
from dataclasses import replace

from plait.event_weights import event_weight
from plait.ranking import RankedItem
from plait.records import Relation
from plait.workspace import Workspace

PART = "friends"
MOST_FRIENDS = 20
"""Friends whose events are looked through, the strongest first."""
LATEST = 100
"""Last events of each that are looked through."""
NAMED = 3
"""Friends named beside an item at most."""


def with_friends(
    workspace: Workspace, items: Sequence[RankedItem], friends: Sequence[Relation]
) -> tuple[RankedItem, ...]:
    """Return the items, each with the friends who liked it of late, the strongest first.

    Nobody is named where the part `friends` of the score is zero: a reason must not claim what the score does not.
    Nothing is read where it is zero for all. `friends` are the relations of the user, the strongest first.
    """
    if not any(item.parts.get(PART) for item in items):
        return tuple(items)
    names = [each.other_id for each in friends[:MOST_FRIENDS]]
    found = workspace.store.recent_interactions(names, LATEST)
    config = workspace.config.events
    liked = {
        name: {each.item_id for each in found[name] if event_weight(each.event, each.value, config) > 0}
        for name in names
    }  # fmt: skip
    return tuple(
        replace(item, friends=tuple(name for name in names if item.item_id in liked[name])[:NAMED])
        if item.parts.get(PART) else item
        for item in items
    )  # fmt: skip
