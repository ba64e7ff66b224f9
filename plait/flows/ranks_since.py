"""RanksSince: how the present models rank what users like, liking by liking, since models were last learnt."""

from collections.abc import Sequence

import numpy as np

from plait.config import Events
from plait.event_weights import is_positive
from plait.flows.recommend import Asker, user_side
from plait.live import Live
from plait.model_files import Models
from plait.moment import Moment
from plait.records import Interaction
from ranker.drift import shares_above
from ranker.interactions import Rows
from ranker.rank import Ranker, VectorsOf
from ranker.sides import ItemSide, UserSide

SITTING = 3_600.0
"""Seconds in which likings of one user count once: those of one evening say the same thing several times."""
AMONG = 200
"""Items that a liked one is ranked among, the same ones for each."""
ALL, THINNED = 2_000, 1_000
"""So many likings are ranked each; then every (n // THINNED)-th: the work grows with the logarithm of the log."""
AT_ONCE = 32

Liking = tuple[str, Interaction]
"""A user, and what they liked."""


class RanksSince:
    """The ranks of likings recorded first since a sequence number, in that order: 0 is the best, 1 the last.

    Ranked are items that the models have met and the user had not, by what the user had done before. It follows from
    store and models: a process that has followed the log knows what one that begins now finds, but for changed items
    and, of who has done a thousand things since, for what an answer no longer reads. Not for several threads at once.
    """

    def __init__(self, live: Live, models: Models, *, after: int, seed: int) -> None:
        """Begin with nothing; `after` is the sequence number from which likings count, `seed` draws what they meet."""
        self._live, self._models, self._begin_at = live, models, after
        self._among = models.item_ids.ids(ranked_among(models.ranker, seed))
        self._begin()

    def _begin(self) -> None:
        self._after, self._likings = self._begin_at, 0
        self._last: dict[str, float] = {}
        self.ranks: list[float] = []

    def follow(self, moment: Moment, sequence: int) -> None:
        """Rank the likings up to a sequence number in a moment that has the models.

        Those before a rewriting of the log are ranked again.
        """
        store = self._live.workspace.store
        if store.rewritten() > self._after:
            self._begin()
        waiting: list[Liking] = []
        for user_id, event in store.told_since(self._after, until=sequence):
            if self._counts(user_id, event):
                waiting.append((user_id, event))
            if len(waiting) == AT_ONCE:
                self.ranks += self._ranked(moment, waiting)
                waiting = []
        self.ranks += self._ranked(moment, waiting)
        self._after = max(sequence, self._after)

    def _counts(self, user_id: str, event: Interaction) -> bool:
        """Return whether a liking is to be ranked, and remember that it came."""
        row = self._models.item_ids.rows([event.item_id])[0]
        if row < 0 or not self._models.ranker.items.met[row]:
            return False
        if not is_liking(self._last, user_id, event, self._live.workspace.config.events):
            return False
        self._likings += 1
        return self._likings <= ALL or self._likings % (self._likings // THINNED) == 0

    def _ranked(self, moment: Moment, likings: Sequence[Liking]) -> list[float]:
        """Return the ranks of likings whose item is there and was new to the user."""
        limit = self._live.workspace.config.recommend.history
        found = self._live.workspace.store.recent_interactions([user_id for user_id, _ in likings], limit)
        before = [[one for one in found[user] if one.timestamp < event.timestamp] for user, event in likings]
        liked = moment.index.rows([event.item_id for _, event in likings])
        fresh = [
            place
            for place, ((_, event), past) in enumerate(zip(likings, before, strict=True))
            if liked[place] >= 0 and event.item_id not in {one.item_id for one in past}
        ]
        among = moment.index.rows(self._among)
        among = among[among >= 0]
        if not fresh or not len(among):
            return []
        users = user_side(moment, [Asker(events=before[place]) for place in fresh])
        return ranks_of(moment.models.ranker, users, moment.items, liked[fresh], among, moment.index.vectors)


def is_liking(last: dict[str, float], user_id: str, event: Interaction, config: Events) -> bool:
    """Return whether an event says that something is liked, and is the first of a sitting to; `last` remembers that."""
    before = last.get(user_id)
    if not is_positive(event.event, event.value, config):
        return False
    if before is not None and abs(event.timestamp - before) < SITTING:
        return False
    last[user_id] = event.timestamp
    return True


def ranked_among(ranker: Ranker, seed: int) -> Rows:
    """Return rows of the training (at most AMONG,) of items that it has met, drawn from `seed`."""
    return np.random.default_rng(seed).permutation(np.flatnonzero(ranker.items.met))[:AMONG]


def ranks_of(
    ranker: Ranker, users: UserSide, items: ItemSide, liked: Rows, among: Rows, vectors_of: VectorsOf
) -> list[float]:
    """Return the rank of what each user `liked` (m,) beside the items at `among`, 0 the best, 1 the last."""
    candidates = np.concatenate([liked[:, None], np.tile(among, (len(liked), 1))], axis=1)
    logits = ranker.score(users, items, candidates, vectors_of(candidates)).logits
    return [float(share) for share in shares_above(logits[:, 0], logits[:, 1:])]
