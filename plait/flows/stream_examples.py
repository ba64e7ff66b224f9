"""Stream examples: events of the stream as what the ranker learns from online, each with what was known before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from embedders.items import AttributeValue
from index.vector_index import Rows
from plait.event_weights import event_weight
from plait.flows.recommend import Asker, user_side
from plait.history import histories_of
from plait.moment import Moment
from plait.records import Interaction, Relation
from plait.store.stream_reads import StreamEvent
from plait.user_features import KnownUsers
from ranker.interactions import Floats
from ranker.stream import Examples, Others, examples_of

MOST_RARE = 10.0
"""By how many a liking counts at most that was shown by chance: 1 / propensity is without bound."""
KNOWN = 5
"""Events from which on a user is fully heard; who has done less may be anybody, and counts so much the less."""
AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Told:
    """An event that teaches: of an item at a `row` that its user had not met `before`; `weight` is what it says.

    `attributes` and `friends` are what is known of the user besides.
    """

    event: StreamEvent
    row: int
    weight: float
    before: Sequence[Interaction]
    attributes: Mapping[str, AttributeValue]
    friends: Sequence[Relation]


def told_by(moment: Moment, events: Sequence[StreamEvent]) -> list[Told]:
    """Return those of `events` that teach, in their order: that say something, and are a user's first of an item.

    What came before each is what its user had done by the time of the event.
    """
    store, config = moment.live.workspace.store, moment.live.workspace.config
    user_ids = list(dict.fromkeys(event.user_id for event in events))
    recent = store.recent_interactions(user_ids, config.recommend.history)
    known = KnownUsers.of_some(store, user_ids)
    friends = known.friends
    rows = moment.index.rows([event.interaction.item_id for event in events]).tolist()
    told = []
    for event, row in zip(events, rows, strict=True):
        mine, said = recent[event.user_id], event.interaction
        weight = event_weight(said.event, said.value, config.events)
        if row < 0 or not weight or said not in mine:
            continue
        before = mine[: mine.index(said)]
        if all(earlier.item_id != said.item_id for earlier in before):
            told.append(Told(event, row, weight, before, known.of(event.user_id), friends.get(event.user_id, ())))
    return told


def examples_from(moment: Moment, told: Sequence[Told], others: Others) -> list[Examples]:
    """Return what was told as examples beside `others`, AT_ONCE or fewer each, in the order told."""
    return [_examples(moment, told[start : start + AT_ONCE], others) for start in range(0, len(told), AT_ONCE)]


def _examples(moment: Moment, told: Sequence[Told], others: Others) -> Examples:
    asked = [Asker(one.event.user_id, one.before, attributes=one.attributes, friends=one.friends) for one in told]
    rows: list[Rows] = [moment.index.rows([event.item_id for event in one.before]) for one in told]
    histories = histories_of([one.before for one in told], rows, moment.live.workspace.config)
    chosen = np.asarray([one.row for one in told], dtype=np.int64)
    return examples_of(
        moment.models.ranker, user_side(moment, asked), histories, moment.items, chosen, _counting(told), others,
        moment.index.vectors,
    )  # fmt: skip


def _counting(told: Sequence[Told]) -> Floats:
    """Return (m,) how much each counts: 1, or -1 for a dislike, times how well its user is known, by its propensity.

    What was shown by chance with propensity p stands for 1 / p that were not (Horvitz, Thompson 1952), up to a bound,
    all of them divided by their mean (self-normalised), so that a step is as long as any other.
    """
    heard = np.asarray([min(len(one.before) / KNOWN, 1.0) for one in told])
    rare = np.asarray([min(1.0 / (one.event.propensity or 1.0), MOST_RARE) for one in told])
    return np.asarray(np.sign([one.weight for one in told]) * heard * rare / rare.mean(), dtype=np.float32)
