"""Known: what is known of items and users beside the log, by which lists are judged beyond accuracy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from index.vector_index import Mask
from plait.evaluation.item_facts import ItemFacts, item_facts
from plait.evaluation.splits import Split
from ranker.interactions import Floats


@dataclass(frozen=True, slots=True)
class Known:
    """By the rows of every split: `vectors` (items, D) and `categories` (items,) of items, None and () where unknown.

    `groups` give for each attribute of users (users,) the group of each, "" for none; `strands` by name (items,) which
    items have it.
    """

    vectors: Floats | None = None
    categories: Sequence[Sequence[str]] = ()
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    strands: Mapping[str, Mask] = field(default_factory=dict)

    def target_buckets(self, split: Split) -> dict[str, Mask]:
        """Return (t,) which targets have each strand and which have not, for strands that some items have."""
        found = {}
        for name, having in self.strands.items():
            if having.any():
                found[f"target with {name}"] = having[split.targets]
                found[f"target without {name}"] = ~having[split.targets]
        return found

    def facts(self, split: Split) -> ItemFacts:
        """Return what is known of the items to somebody who learns from a split."""
        eligible = split.in_pool
        return item_facts(split.train, split.ties, vectors=self.vectors, categories=self.categories, eligible=eligible)
