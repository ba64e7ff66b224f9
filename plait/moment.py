"""Moment: what one answer sees of a workspace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedders.fusion import Fusion
from index import LiveView
from index.lexical import LexicalIndex
from index.vector_index import Mask, Rows, VectorIndex
from plait.eligible import eligible_rows
from plait.model_files import Models
from plait.ranking import RankedItem, Reason
from plait.selection import Selection
from plait.workspace import Workspace
from ranker.sides import ItemSide

if TYPE_CHECKING:
    from plait.live import Live


@dataclass(frozen=True, slots=True)
class Moment:
    """What one answer sees: index, words, fusion, models and item side of one state of the store.

    `workspace` has the encoders that made the index: what is asked of a moment is encoded by these and no others.
    `number` is that of the index snapshot.
    """

    workspace: Workspace
    number: int
    index: LiveView
    lexical: LexicalIndex
    lexical_weight: float
    fusion: Fusion
    models: Models
    items: ItemSide
    cf_index: VectorIndex | None
    popular: Rows
    name: str
    notes: tuple[str, ...]
    """What every answer should tell: which model was passed over."""
    live: "Live"
    titles: dict[str, str]
    """Titles shown so far; a later moment begins anew, so that none is older than the moment."""
    begun: Rows = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    """Rows of items that the models have not met and that have had events since."""

    def eligible(self, selection: Selection) -> Mask | None:
        """Return (row_count,) which rows may be ranked, None where all living ones may."""
        return eligible_rows(self.index, selection, lambda: self.live.table(self.index))

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
