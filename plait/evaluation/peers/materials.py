"""Materials: what a workspace knows of its items and users, for the models that learn from more than interactions."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from index import IdMap
from index.vector_index import Rows
from plait.evaluation.disguise import Disguise
from plait.flows.train import TrainingItems
from plait.user_features import KnownUsers


@dataclass(frozen=True, slots=True)
class Materials:
    """n items in one order: `items` with their vectors and features, `texts` (n,), "" where an item has none.

    `categories` (n,) are those of each item. `users` are known by their ids, whose rows are those of a split's log.
    """

    items: TrainingItems
    texts: Sequence[str]
    categories: Sequence[tuple[str, ...]]
    users: KnownUsers = field(default_factory=KnownUsers)

    @property
    def item_ids(self) -> IdMap:
        """The ids in that order."""
        return self.items.item_ids

    def take(self, rows: Rows, item_ids: IdMap) -> "Materials":
        """Return the items at `rows` (n,), under the names `item_ids`."""
        items = TrainingItems(item_ids, self.items.vectors[rows], self.items.features.take(rows))
        chosen = rows.tolist()
        texts, categories = [self.texts[row] for row in chosen], [self.categories[row] for row in chosen]
        return Materials(items, texts, categories, self.users)

    def disguised(self, disguise: Disguise) -> "Materials":
        """Return the same items and users in disguise."""
        ids, names = list(self.items.item_ids), self.users.user_ids
        order = disguise.order(len(names)).tolist()
        renamed = dict(zip([names[row] for row in order], disguise.ids(names), strict=True))
        taken = self.take(disguise.order(len(ids)), IdMap(disguise.ids(ids)))
        return replace(taken, users=self.users.renamed(renamed))
