"""Personal: a search for somebody, in which what the ranker expects of their taste is one part more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Rows, Vectors
from plait.flows.recommend import askers, user_side
from plait.flows.search import Query, search, search_at
from plait.live import Live
from plait.moment import Moment
from plait.ranking import Ranking
from plait.selection import Selection
from ranker.sides import UserSide

WEIGHT = 0.2
"""What the ranker's score of a user, in logits, counts beside what is searched for."""


@dataclass(frozen=True, slots=True)
class Personal:
    """The part of m queries that is the ranker's score of who asks; `users` are None where nobody is named."""

    moment: Moment
    users: Sequence[UserSide | None]
    name: str = "user"

    def of(self, place: int, rows: Rows, vectors: Vectors) -> NDArray[np.float64]:
        """Return WEIGHT times the logits (c,) of items for the user of a query, 0 for nobody."""
        user = self.users[place]
        if user is None:
            return np.zeros(len(rows), dtype=np.float64)
        scored = self.moment.models.ranker.score(user, self.moment.items, rows[None], vectors[None])
        return np.asarray(WEIGHT * scored.logits[0])


def search_for(
    live: Live, queries: Sequence[Query], selection: Selection, *, weights: Mapping[str, float] | None = None
) -> list[Ranking]:
    """Answer queries, those that name a user by that user's taste as well; where none does it is `search`.

    A user without events is no error: what is popular counts in place of their taste, and a note says so.
    """
    user_ids = list(dict.fromkeys(query.user_id for query in queries if query.user_id))
    if not user_ids:
        return search(live, queries, selection, weights=weights)
    moment = live.refresh()
    who = askers(live, user_ids, so="what is popular counts in place of their taste")
    sides = {one.user_id: user_side(moment, [one]) for one in who}
    notes = {one.user_id: (*moment.notes, *one.notes) for one in who}
    personal = Personal(moment, [sides.get(query.user_id) for query in queries])
    answers = search_at(moment, queries, selection, weights=weights, added=personal)
    return [
        replace(answer, notes=(*notes.get(query.user_id, ()), *answer.notes))
        for query, answer in zip(queries, answers, strict=True)
    ]
