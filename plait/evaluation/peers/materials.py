"""Materials: what a workspace knows of its items, for the models that learn from more than interactions."""

from collections.abc import Sequence
from dataclasses import dataclass

from index import IdMap
from index.vector_index import Rows
from plait.evaluation.disguise import Disguise
from plait.flows.train import TrainingItems


@dataclass(frozen=True, slots=True)
class Materials:
    """n items in one order: `items` with their vectors and features, `texts` (n,), "" where an item has none.

    `categories` (n,) are those of each item.
    """

    items: TrainingItems
    texts: Sequence[str]
    categories: Sequence[tuple[str, ...]]

    @property
    def item_ids(self) -> IdMap:
        """The ids in that order."""
        return self.items.item_ids

    def take(self, rows: Rows, item_ids: IdMap) -> "Materials":
        """Return the items at `rows` (n,), under the names `item_ids`."""
        items = TrainingItems(item_ids, self.items.vectors[rows], self.items.features.take(rows))
        chosen = rows.tolist()
        return Materials(items, [self.texts[row] for row in chosen], [self.categories[row] for row in chosen])

    def disguised(self, disguise: Disguise) -> "Materials":
        """Return the same items in disguise."""
        ids = list(self.items.item_ids)
        return self.take(disguise.order(len(ids)), IdMap(disguise.ids(ids)))
