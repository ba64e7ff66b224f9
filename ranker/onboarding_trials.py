"""Onboarding trials: questions tried on users whose answers the log has, by what their rankings gain."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats, Interactions, Rows
from ranker.metrics import ndcg
from ranker.onboarding import questions
from ranker.strongest import strongest
from ranker.taste import Taste

POOL = 40
"""Questions that are tried at each turn: those that tell most of a taste."""
TRIED = 10
"""Questions that are chosen by trial; what comes behind them is chosen by what it tells alone."""
MOST_USERS = 400
RANKED = 200
"""Items that are ranked for a user in a trial: those best liked by all."""
CUT = 10


@dataclass(slots=True)
class _Trial:
    """Users as new ones who have answered some questions: what is known of each, and what they like in truth.

    `said` (k, n) are the weights they give, NaN for items they do not know; `tastes` (k, r) and `covariances` (k, r, r)
    are what the answers so far tell of them; `ranked` (c,) are rows of items and `out` (c,) which of those were asked
    about: they are neither ranked nor looked for.
    """

    taste: Taste
    said: Floats
    tastes: NDArray[np.float64]
    covariances: NDArray[np.float64]
    ranked: Rows
    out: NDArray[np.bool_]
    _ranked_answers: NDArray[np.float64]

    @classmethod
    def of(cls, taste: Taste, said: Floats) -> Self:
        """Begin with users of whom nothing is known."""
        ranked = np.sort(np.argsort(-taste.expected, kind="stable")[:RANKED])
        size = taste.factors
        return cls(
            taste, said, np.zeros((len(said), size)), np.tile(np.eye(size), (len(said), 1, 1)), ranked,
            np.zeros(len(ranked), dtype=np.bool_), taste.answers[ranked].T.astype(np.float64),
        )  # fmt: skip

    def gain(self, item: int) -> float:
        """Return by how much the mean NDCG of all users would rise if each who knows the item said what they think."""
        users, moved, _, _ = self._answered(item)
        out = self.out | (self.ranked == item)
        return float((self._ndcg(users, moved, out) - self._ndcg(users, self.tastes[users], out)).sum()) / len(
            self.said
        )

    def ask(self, item: int) -> None:
        """Let everybody answer."""
        users, moved, reach, doubt = self._answered(item)
        self.tastes[users] = moved
        self.covariances[users] -= reach[:, :, None] * reach[:, None, :] / doubt[:, None, None]
        self.out = self.out | (self.ranked == item)

    def _answered(self, item: int) -> tuple[Rows, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return who knows the item, their tastes after an answer, and what moves them: one step of a Kalman filter."""
        users = np.flatnonzero(~np.isnan(self.said[:, item]))
        says = self.taste.says[item].astype(np.float64)
        reach = self.covariances[users] @ says
        doubt = self.taste.noise + reach @ says
        surprise = self.said[users, item] - self.taste.base[item] - self.tastes[users] @ says
        return users, self.tastes[users] + reach * (surprise / doubt)[:, None], reach, doubt

    def _ndcg(self, users: Rows, tastes: NDArray[np.float64], out: NDArray[np.bool_]) -> NDArray[np.float64]:
        scores = self.taste.expected[self.ranked] + tastes @ self._ranked_answers
        scores[:, out] = -np.inf
        wanted = (np.nan_to_num(self.said[np.ix_(users, self.ranked)]) > 0) & ~out
        found = np.take_along_axis(wanted, _first(scores), axis=1)
        return np.nan_to_num(ndcg(found, wanted.sum(axis=1), CUT))


def tried_questions(
    taste: Taste, interactions: Interactions, allowed: NDArray[np.bool_], limit: int
) -> tuple[Rows, NDArray[np.float64]]:
    """Return up to `limit` rows of `allowed` (n,) items to ask a new user about, the best first, and what each gains.

    At each turn the POOL most telling items are tried on users of `interactions` (at most MOST_USERS, with many events
    and with few), who answer if they know the item and are folded in: the one by which NDCG@10 rises most on average is
    asked, and that rise is what it gains, 0 for the questions behind the first TRIED or once no other helps.
    """
    telling = questions(taste, allowed, max(limit, POOL))[0]
    if not len(telling):
        return telling, np.empty(0)
    trial = _Trial.of(taste, _answers(taste, interactions))
    open_to = telling[:POOL].tolist()
    chosen: list[int] = []
    gained: list[float] = []
    while open_to and len(chosen) < min(limit, TRIED):
        gains = [trial.gain(item) for item in open_to]
        best = int(np.argmax(gains))
        if gains[best] <= 0:
            break
        chosen.append(open_to.pop(best))
        gained.append(gains[best])
        trial.ask(chosen[-1])
    rest = [row for row in telling.tolist() if row not in set(chosen)][: limit - len(chosen)]
    return np.asarray([*chosen, *rest], dtype=np.int64), np.asarray([*gained, *np.zeros(len(rest))])


def _first(scores: NDArray[np.float64]) -> Rows:
    """Return (m, CUT) the columns of the largest of `scores` (m, c), largest first; (m, c) where there are fewer."""
    if scores.shape[1] > CUT:
        # A whole sort takes thrice the time, and this is what a trial does all day.
        top = np.argpartition(-scores, CUT - 1, axis=1)[:, :CUT]
        order = np.argsort(-np.take_along_axis(scores, top, axis=1), axis=1, kind="stable")
        return np.take_along_axis(top, order, axis=1)
    return np.argsort(-scores, axis=1, kind="stable")


def _answers(taste: Taste, interactions: Interactions) -> Floats:
    """Return (k, n) the weights of users, NaN for items they do not know."""
    kept = strongest(interactions.users, interactions.items, interactions.weights)
    users, items, weights = (column[kept] for column in (interactions.users, interactions.items, interactions.weights))
    count = interactions.user_count
    # Evenly among those with few events and with many; equal ones by what they think, for rows may have no say.
    opinions = np.bincount(users, weights * taste.base[items], minlength=count)
    order = np.lexsort((opinions, np.bincount(users, minlength=count)))
    order = order[count - len(np.unique(users)) :]
    chosen = order[np.unique(np.linspace(0, len(order) - 1, MOST_USERS).round().astype(np.int64))]
    places = np.full(count, -1, dtype=np.int64)
    places[chosen] = np.arange(len(chosen))
    said = np.full((len(chosen), interactions.item_count), np.nan, dtype=np.float32)
    mine = places[users] >= 0
    said[places[users[mine]], items[mine]] = weights[mine]
    return said
