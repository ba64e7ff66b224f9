"""Live: what one process holds in memory of a workspace, and how it follows the store."""

import threading
from dataclasses import replace

import numpy as np

from index import LiveIndex, LiveView
from index.vector_index import Rows, Vectors
from plait import snapshot
from plait.attributes import AttributeType
from plait.beside import Beside
from plait.counted import counted_of
from plait.errors import BadData
from plait.first_events import FirstEvents
from plait.held_online import by_popularity, current_online, online_side, with_online
from plait.held_tastes import HeldTastes
from plait.item_table import ItemTable
from plait.items_at import items_at
from plait.lexical_files import document_of, lexical_weight_of, open_lexical
from plait.model_choice import chosen_models
from plait.model_files import Models, trained_as
from plait.moment import Moment
from plait.online_files import Learnt
from plait.raw_vectors import fused_vectors, item_features
from plait.stages import FOLLOW, stage
from plait.workspace import Workspace
from ranker.item_features import ItemFeatures
from ranker.sides import ItemSide

Published = tuple[int | None, int | None, int | None]
"""The numbers of index, models and what was learnt online that CURRENT names."""
LOADED = (
    "workspace", "trained", "training", "_name", "_learnt", "_index", "_sequence", "_moment", "_table", "_told",
    "_first", "_unwarmed",
)  # fmt: skip
"""What a Live holds of the snapshots it has loaded, and of what changed since."""


class Live:
    """Snapshots of index and models in memory, and all that changed since, read from the store's sequence.

    `refresh` is called before each answer: it costs microseconds when nothing changed.
    """

    def __init__(self, workspace: Workspace, *, beside: bool = False) -> None:
        """Nothing is loaded before the first `refresh`; `beside`, what is published later is loaded by a thread."""
        self.workspace = workspace
        self._beside = beside
        self._next: Beside[Live] | None = None
        self._lock = threading.Lock()
        self._sequence = -1
        self._erased = -1
        self._index: LiveIndex | None = None
        self._moment: Moment | None = None
        self._state: tuple[Published, int, Moment] | None = None
        self._table: ItemTable | None = None
        self._told = np.zeros((0, 1), dtype=np.float32)
        """(n, k + 1) what content alone tells of the moment's items, whatever their first events have made of it."""
        self.trained: Models
        """The models as they were trained."""
        self.training: tuple[int, int] | None = None
        """The number under which they were, and the last change of the store that they contain; None before any."""
        self._learnt: Learnt | None = None
        self._first: FirstEvents | None = None
        self._unwarmed = False
        """Whether there are rows that first events have not been looked up for."""
        self.queries: tuple[int, dict[str, Vectors]] = (0, {})
        """The number of an index, and the vectors of what users searched for in it; see `plait.flows.asked`."""
        self.liked, self.shown, self.rules = counted_of(workspace)
        self.tastes: HeldTastes | None = None
        """The tastes of everybody, once they were asked for; see `plait.flows.users_like`."""

    @property
    def held(self) -> Moment | None:
        """The moment that answered last, None before any; nothing is looked up."""
        state = self._state
        return None if state is None else state[2]

    def refresh(self) -> Moment:
        """Return the present moment: newer snapshots are taken up, newer changes applied.

        Raises BadData for a workspace without an index, or one made by other encoders than plait.toml names.
        """
        published, sequence = self._numbers(), self.workspace.store.sequence()
        # Read once: another thread may put a newer state in its place meanwhile.
        state = self._state
        if state is not None and state[:2] == (published, sequence):
            return state[2]
        with stage(FOLLOW), self._lock:
            # Asked again: who waited for the lock must not go back to what was true before.
            published, sequence = self._numbers(), self.workspace.store.sequence()
            erased = self.workspace.store.erased()
            known = None if self._state is None else self._state[0]
            if known is None or erased != self._erased:
                published = self._load_current(published)
            elif published[:2] != known[:2]:
                published = self._take_up(known) if self._beside else self._load_current(published)
            elif published != known:
                self._learn()
            if erased != self._erased:
                # What was counted of everybody counts the erased user too.
                self.liked, self.shown, self.rules = counted_of(self.workspace)
                self.tastes, self.queries, self._erased = None, (0, {}), erased
            if sequence != self._sequence:
                self._tail(sequence)
            self._warm(sequence)
            assert self._moment is not None
            self._state = (published, sequence, self._moment)
            return self._moment

    def as_trained(self) -> Moment:
        """Return the present moment with its models as they were trained.

        Nothing that was learnt online counts, nor what first events told of items that the training had not met.
        """
        moment = self.refresh()
        with self._lock:
            told = self._told[: len(moment.items)]
        alone = with_online(moment, self.trained, moment.name, None)
        return replace(alone, items=replace(alone.items, cold=told))

    def _load_current(self, published: Published) -> Published:
        """Load what is published, again where it was retired for something newer meanwhile; say what it was."""
        while True:
            try:
                self._load()
                return published
            except (BadData, ValueError, OSError):
                newer = self._numbers()
                if newer == published:
                    raise
                published = newer

    def _take_up(self, held: Published) -> Published:
        """Take up what was loaded beside, or begin to load; return what is held by then. Raises what loading raised."""
        loading = self._next = self._next or Beside(self._successor)
        if not loading.done():
            return held
        self._next = None
        other = loading.result()
        assert other._state is not None
        for name in LOADED:
            setattr(self, name, getattr(other, name))
        self._moment = replace(other._state[2], live=self)
        return other._state[0]

    def _successor(self) -> "Live":
        """Return another one that holds what is published now, and the table of attributes where this one has it."""
        other = Live(self.workspace)
        moment = other.refresh()
        if self._table is not None:
            other.table(moment.index)
        return other

    def _numbers(self) -> Published:
        workspace = self.workspace
        index, models, online = workspace.index_folder, workspace.models_folder, workspace.online_folder
        return snapshot.current_number(index), snapshot.current_number(models), snapshot.current_number(online)

    def _load(self) -> None:
        from index.storage import read_index
        from plait.fusion_file import read_fusion

        found = snapshot.current(self.workspace.index_folder)
        if found is None:
            raise BadData(f"{self.workspace.folder} has no index: run `plait build` again, it goes on where it stopped")
        workspace = self.workspace.of_encoders(found.encoders)
        index = LiveIndex.open(read_index(found.path))
        fusion = read_fusion(found.path)
        trained, models, notes = chosen_models(workspace, found.encoders)
        name = f"index {found.number}, " + ("untrained" if trained is None else f"model {trained.number}")
        known = models.item_ids.rows(list(index.view.item_ids(np.arange(index.row_count))))
        unknown = np.flatnonzero(known < 0)
        features = features_at(workspace, models, index.view, unknown)
        items = models.ranker.item_side(features, index.view.vectors(unknown), known)
        lexical = open_lexical(found.path, workspace.store, list(index.view.main.item_ids))
        cf_index = models.cf_index(items) if trained is not None else None
        # Last what may not fail: encoders and index belong together.
        self._index, self.workspace = index, workspace
        self._sequence = found.sequence
        self._table = None
        self._told, self._first = np.asarray(items.cold), None
        if trained is not None and models.ranker.cold is not None:
            self._first = FirstEvents(workspace, models, models.ranker.cold, after=trained.sequence)
        self._moment = Moment(
            workspace, found.number, index.view, lexical, lexical_weight_of(found.details, fusion), fusion, models,
            items, cf_index, by_popularity(items, models), name, notes, self, {},
        )  # fmt: skip
        # What was learnt online is laid over these.
        self.trained, self._name = models, name
        self.training = None if trained is None else (trained_as(trained), trained.sequence)
        self._learn()

    def _learn(self) -> None:
        """Take up what was learnt online since the models were trained."""
        assert self._moment is not None
        self._learnt = current_online(self.workspace, self.training)
        self._moment = with_online(self._moment, self.trained, self._name, self._learnt)

    def _tail(self, sequence: int) -> None:
        """Apply the changes of items between the state held and `sequence`."""
        assert self._moment is not None
        assert self._index is not None
        changed = list(self.workspace.store.items(after=self._sequence, include_removed=True))
        moment = self._moment
        if changed:
            living = [stored for stored in changed if not stored.removed]
            # First what may fail: an index that was half changed would never hear of the rest.
            fused = fused_vectors(self.workspace, moment.fusion, living)
            before = self._index.rows([stored.item.item_id for stored in changed])
            self._index.remove([stored.item.item_id for stored in changed if stored.removed])
            ids = [stored.item.item_id for stored in living]
            self._index.upsert(ids, fused)
            view = self._index.view
            rows = view.rows(ids)
            lexical = moment.lexical.changed(
                rows, [document_of(stored.item) for stored in living],
                removed=np.setdiff1d(before[before >= 0], rows), row_count=view.row_count,
            )  # fmt: skip
            if (rows < moment.index.row_count).any():
                # Attributes of a row that stays have changed; what is only added is appended when next asked for.
                self._table = None
            items = online_side(self._side(moment, view, np.sort(rows)), view, self._learnt)
            popular = by_popularity(items, moment.models)
            self._moment = replace(moment, index=view, lexical=lexical, items=items, popular=popular, titles={})
        self._sequence = sequence

    def _side(self, moment: Moment, view: LiveView, rows: Rows) -> ItemSide:
        """Return the item side of a view in which the items at `rows`, ascending, were changed or added.

        Of an item whose row stays only attributes have changed, which say something where the models have not met it.
        """
        count = len(moment.items)
        known = moment.models.item_ids.rows(view.item_ids(rows))
        told = (rows >= count) | (known < 0)
        rows, known = rows[told], known[told]
        unknown = rows[known < 0]
        features, vectors = features_at(self.workspace, moment.models, view, unknown), view.vectors(unknown)
        side = moment.models.ranker.item_side(features, vectors, known)
        # First events are laid over what content tells anew, when all is known.
        items = replace(moment.items, cold=self._told).extend(side)
        if (rows < count).any():
            # Only then: taking copies everything once more.
            order = np.arange(view.row_count)
            order[rows] = count + np.arange(len(rows))
            items = items.take(order)
        self._told, self._unwarmed = np.asarray(items.cold), True
        return items

    def _warm(self, sequence: int) -> None:
        """Move what content tells of new items by the events they have had up to `sequence`."""
        assert self._moment is not None
        if self._first is None:
            return
        if self._first.follow(sequence) or (self._unwarmed and self._first.item_ids):
            rows = self._moment.index.rows(self._first.item_ids)
            cold = self._first.warmed(self._told, rows, anew=self._unwarmed)
            items = replace(self._moment.items, cold=cold)
            self._moment = replace(self._moment, items=items, begun=rows[rows >= 0])
        self._unwarmed = False

    def table(self, view: LiveView) -> ItemTable:
        """Return the attributes of the items by row; where items were only added, only these are read.

        The table may know more rows than `view`.
        """
        with self._lock:
            if self._moment is not None and view.main is not self._moment.index.main:
                # Rows of an index that was current when the answer began: they are other items now.
                return self._table_of(view, None)
            if self._table is None or len(self._table) < view.row_count:
                self._table = self._table_of(view, self._table)
            return self._table

    def _table_of(self, view: LiveView, after: ItemTable | None) -> ItemTable:
        types = {name: AttributeType(kind) for name, kind in self.workspace.store.attribute_types().items()}
        rows = np.arange(0 if after is None else len(after), view.row_count)
        return ItemTable(items_at(self.workspace, view, rows), types, after=after)


def features_at(workspace: Workspace, models: Models, view: LiveView, rows: Rows) -> ItemFeatures:
    """Return the features of the items at `rows`, for the map from content."""
    stored = workspace.store.items_by_id(view.item_ids(rows))
    return item_features(workspace, [stored.get(i) for i in view.item_ids(rows)], models.features, models.types)
