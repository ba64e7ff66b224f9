"""Live: what one process holds in memory of a workspace, and how it follows the store."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from embedders.encoder import Vectors
from embedders.fusion import Fusion
from embedders.items import Item
from index import LiveIndex, LiveView
from index.lexical import LexicalIndex
from index.vector_index import Mask, Rows, VectorIndex
from plait import snapshot
from plait.attributes import AttributeType
from plait.errors import BadData
from plait.first_events import FirstEvents
from plait.held_tastes import HeldTastes
from plait.item_table import ItemTable
from plait.lexical_files import document_of, lexical_weight_of, open_lexical
from plait.liked_log import LikedLog
from plait.model_files import Models, has_known_format, read_models, untrained_models
from plait.ranking import RankedItem, Reason
from plait.raw_vectors import item_features, raw_vectors
from plait.rules.held import HeldRules
from plait.selection import Selection
from plait.shown_log import ShownLog
from plait.store import StoredItem
from plait.where import parse_where
from plait.workspace import Workspace
from ranker.item_features import ItemFeatures
from ranker.sides import ItemSide

CHUNK = 500
Published = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Moment:
    """What one answer sees: index, words, fusion, models and item side of one state of the store."""

    index: LiveView
    lexical: LexicalIndex
    lexical_weight: float
    fusion: Fusion
    models: Models
    items: ItemSide
    cf_index: VectorIndex | None
    popular: Rows
    name: str
    live: "Live"
    titles: dict[str, str]
    """Titles shown so far; a later moment begins anew, so that none is older than the moment."""
    begun: Rows = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    """Rows of items that the models have not met and that have had events since."""

    def eligible(self, selection: Selection) -> Mask | None:
        """Return (row_count,) which rows may be ranked, None where all living ones may."""
        if selection.is_whole:
            return None
        allowed = self.index.alive.copy()
        if selection.candidates is not None:
            chosen = np.zeros(len(allowed), dtype=np.bool_)
            rows = self.index.rows(list(selection.candidates))
            chosen[rows[rows >= 0]] = True
            allowed &= chosen
        if selection.where:
            mask = parse_where(selection.where).mask(self.live.table(self.index))
            allowed[: len(mask)] &= mask[: len(allowed)]
        return allowed

    def ranked(
        self,
        rows: Rows,
        scores: NDArray[np.float64],
        parts: Sequence[Mapping[str, float]],
        offset: int,
        because: Sequence[tuple[Reason, ...]] | None = None,
    ) -> tuple[RankedItem, ...]:
        """Return the items at `rows`, in that order, with titles; ranks start behind `offset`."""
        item_ids = self.index.item_ids(rows)
        asked = [item_id for item_id in item_ids if item_id not in self.titles]
        if asked:
            # Written in one step: other threads answer from the same moment.
            self.titles.update(dict.fromkeys(asked, "") | self.live.workspace.store.titles(asked))
        return tuple(
            RankedItem(
                offset + place + 1, item_id, float(scores[place]), self.titles[item_id], parts[place],
                because[place] if because is not None else (),
            )
            for place, item_id in enumerate(item_ids)
        )  # fmt: skip


class Live:
    """Snapshots of index and models in memory, and all that changed since, read from the store's sequence.

    `refresh` is called before each answer: it costs microseconds when nothing changed.
    """

    def __init__(self, workspace: Workspace) -> None:
        """Nothing is loaded before the first `refresh`."""
        self.workspace = workspace
        self._lock = threading.Lock()
        self._sequence = -1
        self._erased = -1
        self._index: LiveIndex | None = None
        self._moment: Moment | None = None
        self._state: tuple[Published, int, Moment] | None = None
        self._table: ItemTable | None = None
        self._told = np.zeros((0, 1), dtype=np.float32)
        """(n, k + 1) what content alone tells of the moment's items, whatever their first events have made of it."""
        self._first: FirstEvents | None = None
        self._unwarmed = False
        """Whether there are rows that first events have not been looked up for."""
        self.queries: dict[str, dict[str, Vectors]] = {}
        """By the name of a moment, the vectors of what users searched for; see `plait.flows.asked`."""
        self.liked, self.shown, self.rules = counted_of(workspace)
        self.tastes: HeldTastes | None = None
        """The tastes of everybody, once they were asked for; see `plait.flows.users_like`."""

    def refresh(self) -> Moment:
        """Return the present moment: newer snapshots are taken up, newer changes applied.

        Raises BadData for a workspace without an index, or one made by other encoders.
        """
        published, sequence = self._numbers(), self.workspace.store.sequence()
        # Read once: another thread may put a newer state in its place meanwhile.
        state = self._state
        if state is not None and state[:2] == (published, sequence):
            return state[2]
        with self._lock:
            # Asked again: who waited for the lock must not go back to what was true before.
            published, sequence = self._numbers(), self.workspace.store.sequence()
            erased = self.workspace.store.erased()
            if self._state is None or published != self._state[0] or erased != self._erased:
                published = self._load_current(published)
            if erased != self._erased:
                # What was counted of everybody counts the erased user too.
                self.liked, self.shown, self.rules = counted_of(self.workspace)
                self.tastes, self._erased = None, erased
                self.queries.clear()
            if sequence != self._sequence:
                self._tail(sequence)
            self._warm(sequence)
            assert self._moment is not None
            self._state = (published, sequence, self._moment)
            return self._moment

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

    def _numbers(self) -> Published:
        """Return the numbers of the index and the models that CURRENT names."""
        folders = (self.workspace.index_folder, self.workspace.models_folder)
        return snapshot.current_number(folders[0]), snapshot.current_number(folders[1])

    def _load(self) -> None:
        from index.storage import read_index
        from plait.fusion_file import read_fusion

        found = snapshot.current(self.workspace.index_folder)
        if found is None:
            raise BadData(f"{self.workspace.folder} has no index: run `plait build` again, it goes on where it stopped")
        self.workspace.check_encoders(found.encoders)
        index = LiveIndex.open(read_index(found.path))
        fusion = read_fusion(found.path)
        trained = snapshot.current(self.workspace.models_folder)
        if trained is not None and (
            dict(trained.encoders) != dict(found.encoders) or not has_known_format(trained.path)
        ):
            # It was learnt from vectors that no item has any more, or by an earlier version.
            trained = None
        models = untrained_models(self.workspace) if trained is None else read_models(trained.path)
        name = f"index {found.number}, " + ("untrained" if trained is None else f"model {trained.number}")
        known = models.item_ids.rows(list(index.view.item_ids(np.arange(index.row_count))))
        unknown = np.flatnonzero(known < 0)
        features = self._features(models, index.view, unknown)
        items = models.ranker.item_side(features, index.view.vectors(unknown), known)
        cf_index = models.cf_index(items) if trained is not None else None
        self._index = index
        self._sequence = found.sequence
        self._table = None
        self._told, self._first = items.cold, None
        if trained is not None and models.ranker.cold is not None:
            self._first = FirstEvents(self.workspace, models, models.ranker.cold, after=trained.sequence)
        lexical = open_lexical(found.path, self.workspace.store, list(index.view.main.item_ids))
        self._moment = Moment(
            index.view, lexical, lexical_weight_of(found.details, fusion), fusion, models, items, cf_index,
            np.argsort(-items.popularity, kind="stable"), name, self, {},
        )  # fmt: skip

    def _features(self, models: Models, view: LiveView, rows: Rows) -> ItemFeatures:
        """Return the features of the items at `rows`, for the map from content."""
        stored = self.workspace.store.items_by_id(view.item_ids(rows))
        return item_features(
            self.workspace, [stored.get(i) for i in view.item_ids(rows)], models.features, models.types
        )

    def _tail(self, sequence: int) -> None:
        """Apply the changes of items between the state held and `sequence`."""
        assert self._moment is not None
        assert self._index is not None
        changed = list(self.workspace.store.items(after=self._sequence, include_removed=True))
        moment = self._moment
        if changed:
            living = [stored for stored in changed if not stored.removed]
            # First what may fail: an index that was half changed would never hear of the rest.
            fused = self._fused(moment.fusion, living)
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
            items = self._side(moment, view, np.sort(rows))
            popular = np.argsort(-items.popularity, kind="stable")
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
        features, vectors = self._features(moment.models, view, unknown), view.vectors(unknown)
        side = moment.models.ranker.item_side(features, vectors, known)
        items, cold = moment.items.extend(side), np.concatenate([self._told, side.cold])
        if (rows < count).any():
            # Only then: taking copies everything once more.
            order = np.arange(view.row_count)
            order[rows] = count + np.arange(len(rows))
            items, cold = items.take(order), cold[order]
        self._told, self._unwarmed = cold, True
        return items

    def _warm(self, sequence: int) -> None:
        """Move what content tells of new items by the events they have had up to `sequence`."""
        assert self._moment is not None
        if self._first is None:
            return
        if self._first.follow(sequence) or (self._unwarmed and self._first.item_ids):
            rows = self._moment.index.rows(self._first.item_ids)
            items = replace(self._moment.items, cold=self._first.warmed(self._told, rows))
            self._moment = replace(self._moment, items=items, begun=rows[rows >= 0])
        self._unwarmed = False

    def _fused(self, fusion: Fusion, stored: Sequence[StoredItem]) -> Vectors:
        vectors = raw_vectors(self.workspace, stored)
        # Items without any content have no strand that says how many they are.
        return fusion.fuse(vectors) if vectors else np.zeros((len(stored), max(fusion.dimension, 1)), np.float32)

    def table(self, view: LiveView) -> ItemTable:
        """Return the attributes of the items by row; where items were only added, only these are read.

        The table may know more rows than `view`.
        """
        with self._lock:
            known = 0 if self._table is None else len(self._table)
            if self._table is None or known < view.row_count:
                types = {name: AttributeType(kind) for name, kind in self.workspace.store.attribute_types().items()}
                self._table = ItemTable(self._items(view, np.arange(known, view.row_count)), types, after=self._table)
            return self._table

    def _items(self, view: LiveView, rows: Rows) -> Iterator[Item | None]:
        """Iterate over the items at `rows`, None for a dead one."""
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            living = zip(view.item_ids(chunk), view.alive[chunk].tolist(), strict=True)
            ids = [item_id if alive else "" for item_id, alive in living]
            stored = self.workspace.store.items_by_id([item_id for item_id in ids if item_id])
            yield from (stored[item_id].item if item_id in stored else None for item_id in ids)


def counted_of(workspace: Workspace) -> tuple[LikedLog, ShownLog, HeldRules]:
    """Return what is counted of everybody's events, begun anew."""
    return LikedLog(workspace), ShownLog(workspace), HeldRules(workspace)
