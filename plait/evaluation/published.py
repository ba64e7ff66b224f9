"""Published: a ranking that somebody else's model made, judged beside ours."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from index.vector_index import Rows
from plait.evaluation.measure import Scorer
from plait.evaluation.splits import Split
from ranker.interactions import Floats


@dataclass(frozen=True, slots=True)
class Published:
    """`rankings` give the rank of each listed item by user id and item id; ranks count from 1.

    What is not listed comes last, in the order of a salted hash, and so does everything for a user who is not.
    """

    name: str
    rankings: Mapping[str, Mapping[str, int]]

    def scorer(self, split: Split) -> Scorer:
        """Return how a split's cases are scored: minus the rank, by the user's id; a history changes nothing."""
        user_ids = split.user_ids.ids(split.users)

        def scores(rows: Rows) -> Floats:
            found = np.full((len(rows), len(split.item_ids)), np.nan, dtype=np.float32)
            for place, row in enumerate(rows.tolist()):
                listed = self.rankings.get(user_ids[row], {})
                found[place, split.item_ids.rows(list(listed))] = [-rank for rank in listed.values()]
            return found

        return scores
