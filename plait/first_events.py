"""First events: what happened to items that the models have not met, since these were trained."""

import numpy as np

from index.vector_index import Mask, Rows
from plait.event_weights import event_weight
from plait.history import histories_of
from plait.model_files import Models
from plait.workspace import Workspace
from ranker.cold_items import ColdItems
from ranker.interactions import Floats
from ranker.overlaid import Overlaid
from ranker.warm_up import FirstUsers

MOST_USERS = 200
"""The first users of an item who are heard; by then it is time to train again."""


class FirstEvents:
    """The first users of new items, what each said of them, and what those users' tastes are.

    It follows from the store and the models alone: a process that has followed every event knows the same as one that
    begins now. Events from before the training are the models' to know. Not for several threads at once.
    """

    def __init__(self, workspace: Workspace, models: Models, cold: ColdItems, *, after: int) -> None:
        """Begin with nothing; `after` is the sequence number of what the models were learnt from."""
        self._workspace, self._models, self._cold, self._trained = workspace, models, cold, after
        self._begin()

    def _begin(self) -> None:
        self._after = self._trained
        self._weights: dict[str, dict[str, float]] = {}
        self._tastes: dict[str, Floats] = {}
        # What `warmed` made of each item, in their order, the items of each first user, and those to be looked at anew.
        self._moved = np.zeros((0, 0), dtype=np.float32)
        self._items_of: dict[str, set[str]] = {}
        self._stale: set[str] = set()

    def follow(self, sequence: int) -> bool:
        """Take up the events up to `sequence`, at least; return whether they say anything of a new item."""
        if sequence == self._after:
            return False
        if self._workspace.store.rewritten() > self._after:
            self._begin()
        heard, spoke = self._hear()
        self._after = sequence
        # Whoever has done something since, and is among the first users of an item, has another taste now.
        changed = sorted(user_id for user_id in spoke if user_id in self._tastes or user_id in heard)
        self._tastes.update(zip(changed, self._tastes_of(changed), strict=True))
        self._stale.update(*(self._items_of[user_id] for user_id in changed))
        return bool(changed)

    def warmed(self, told: Floats, rows: Rows, *, anew: bool) -> Overlaid:
        """Return `told` (n, k + 1), what content tells of items, moved by their first events.

        `rows` (m,) are those of `item_ids`, in that order; -1 for items that are gone. Only what was heard since the
        last call is looked at, unless rows or what is told of them are others than then: that is to look at all `anew`.
        """
        names, living = self.item_ids, rows >= 0
        moved = np.zeros((len(names), told.shape[1]), dtype=np.float32)
        if not anew and len(self._moved):
            moved[: len(self._moved)] = self._moved
        changed = [place for place in np.flatnonzero(living).tolist() if anew or names[place] in self._stale]
        if changed:
            first = self._first_users([names[place] for place in changed])
            moved[changed] = self._cold.warm_up.warm(told[rows[changed]], first)
        self._moved, self._stale = moved, set()
        return Overlaid.over(told, rows[living], moved[living])

    def _first_users(self, item_ids: list[str]) -> FirstUsers:
        events = [
            (place, weight, self._tastes[user_id])
            for place, item_id in enumerate(item_ids)
            for user_id, weight in self._weights[item_id].items()
        ]
        places, weights, tastes = zip(*events, strict=True)
        return FirstUsers.of(np.asarray(places), np.asarray(weights, np.float32), np.stack(tastes), len(item_ids))

    @property
    def item_ids(self) -> list[str]:
        """The items that have had first events, in the order in which these were recorded."""
        return list(self._weights)

    def _hear(self) -> tuple[set[str], set[str]]:
        """Read on in the log; return who is among the first users of an item by it, and who did anything."""
        heard, spoke = set(), set()
        met: dict[str, bool] = {}
        config = self._workspace.config.events
        for user_id, event in self._workspace.store.interactions_after(self._after):
            spoke.add(user_id)
            if event.item_id not in met:
                met[event.item_id] = bool(self._met([event.item_id])[0])
            if met[event.item_id]:
                continue
            mine = self._weights.setdefault(event.item_id, {})
            if user_id in mine or len(mine) < MOST_USERS:
                weight = event_weight(event.event, event.value, config)
                mine[user_id] = max(weight, mine.get(user_id, weight))
                self._items_of.setdefault(user_id, set()).add(event.item_id)
                heard.add(user_id)
        return heard, spoke

    def _met(self, item_ids: list[str]) -> Mask:
        rows = self._models.item_ids.rows(item_ids)
        return (rows >= 0) & self._models.ranker.items.met[np.maximum(rows, 0)]

    def _tastes_of(self, user_ids: list[str]) -> Floats:
        """Return (m, k) tastes by what users did with items that the models have met, zero for nothing of that."""
        limit = self._workspace.config.recommend.history
        found = self._workspace.store.recent_interactions(user_ids, limit)
        events = [found[user_id] for user_id in user_ids]
        rows = []
        for mine in events:
            names = [event.item_id for event in mine]
            rows.append(np.where(self._met(names), self._models.item_ids.rows(names), -1))
        histories = histories_of(events, rows, self._workspace.config)
        return self._cold.users(histories)[:, :-1]
