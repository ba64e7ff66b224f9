"""Items that nobody has met: whom they suit and how many will like them, told from content."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ranker.cold_share import best_share, judges
from ranker.content_inputs import ContentInputs, Prepared
from ranker.content_ridge import ContentRidge, fit_content_ridge, spread_sample
from ranker.directions import Directions, find_directions
from ranker.interactions import Floats, Histories, Interactions, Rows
from ranker.item_features import ItemFeatures
from ranker.warm_up import WarmUp, usual_warm_up

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MOST_ANCHORS = 3_000
"""What is told is a kernel over the items it was learnt from; of larger catalogues over this many of the best known."""
TASTES = 50
"""Directions of taste that are told from content: the strongest, for the others are mostly chance."""


@dataclass(frozen=True, slots=True)
class ColdItems:
    """The score of an item that nobody has met is taste_u . taste_i + share * log(1 + likings expected).

    taste_u is volume * t / sqrt(1 + |t|^2): who did little is quiet, and who did much no louder than others.

    `taste` tells the k tastes of an item from content, `liking` how many will like it; both are kernels over the
    `anchors` that `inputs` prepared. Each event of a user adds its strength times the row of its item of `loadings`
    (items, k) to the user's t, which starts from `start` (k,). `warm_up` says what first events make of an item.
    """

    inputs: ContentInputs
    anchors: Prepared
    taste: ContentRidge
    liking: ContentRidge
    loadings: Floats
    start: Floats
    volume: float
    share: float
    warm_up: WarmUp

    def items(self, features: ItemFeatures) -> Floats:
        """Return (n, k + 1) tastes of items, and last the logarithm of 1 + how many will like them.

        A strand that `features` lack is missing for all. Raises ValueError for attributes of another width.
        """
        rows = self.inputs.prepare(features)
        tastes, likings = (ridge.predict(self.inputs, rows, self.anchors) for ridge in (self.taste, self.liking))
        return np.concatenate([tastes, likings], axis=1)

    def users(self, histories: Histories) -> Floats:
        """Return (m, k + 1) tastes of users by histories in the rows of the training, -1 for others; last the share.

        Their inner products with what `items` returns are the scores. Of a stranger nothing but the share is known.
        """
        said = contacts(histories.users, histories.items, histories.weights, (len(histories), len(self.loadings)))
        known = np.asarray(said.sum(axis=1)).reshape(-1, 1) > 0
        tastes = self.calm(self.tastes(said, slice(None))) * known
        return np.concatenate([tastes, np.full((len(tastes), 1), self.share, dtype=np.float32)], axis=1)

    def tastes(self, said: "csr_matrix", rows: Rows | slice) -> Floats:
        """Return (m, k) what `contacts` (m, items) with the items at `rows` add up to, t; a slice copies none."""
        return np.asarray(said @ self.loadings[rows] + self.start, dtype=np.float32)

    def calm(self, tastes: Floats) -> Floats:
        """Return (m, k) tastes of users of what their events add up to, t (m, k)."""
        return np.asarray(tastes * self.volume / np.sqrt(1.0 + (tastes**2).sum(axis=1, keepdims=True)), np.float32)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as named arrays that `from_arrays` reads."""
        inputs = self.inputs
        return {
            **{f"centres.{name}": centre for name, centre in inputs.centres.items()},
            **{f"columns.{place:03}": places for place, places in enumerate(inputs.columns)},
            "numbers": inputs.numbers,
            "rest": inputs.rest,
            **{f"anchors.{place:03}": part for place, part in enumerate(self.anchors)},
            **{f"taste.{name}": values for name, values in self.taste.to_arrays().items()},
            **{f"liking.{name}": values for name, values in self.liking.to_arrays().items()},
            "loadings": self.loadings,
            "start": self.start,
            "balance": np.asarray([inputs.width, self.volume, self.share], dtype=np.float64),
            **{f"warm_up.{name}": values for name, values in self.warm_up.to_arrays().items()},
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "ColdItems":
        """Return what `to_arrays` was given. Raises KeyError for a missing array."""

        def those(prefix: str) -> dict[str, NDArray[Any]]:
            return {name.removeprefix(prefix): arrays[name] for name in sorted(arrays) if name.startswith(prefix)}

        width, volume, share = arrays["balance"].tolist()
        columns = tuple(those("columns.").values())
        inputs = ContentInputs(those("centres."), columns, arrays["numbers"], arrays["rest"], int(width))
        taste, liking = (ContentRidge(**those(name)) for name in ("taste.", "liking."))
        anchors = tuple(those("anchors.").values())
        warm_up = WarmUp.from_arrays(those("warm_up."))
        return cls(inputs, anchors, taste, liking, arrays["loadings"], arrays["start"], volume, share, warm_up)


@dataclass(frozen=True, slots=True)
class ColdFit:
    """What was learnt, and `left_out` (a, k + 1): what `items` would say of the items at `rows` had they been new.

    `directions` are those of these items; the t of a user is what they say of the user over `usual`, its usual length.
    """

    cold: ColdItems
    rows: Rows
    left_out: Floats
    directions: Directions
    usual: float

    def as_if_new(self, features: ItemFeatures) -> Floats:
        """Return (n, k + 1) the items learnt from, each as if it were new."""
        found = self.cold.items(features)
        found[self.rows] = self.left_out
        return found

    def scores(self, contacts: "csr_matrix", told: Floats) -> Floats:
        """Return (m, a) tastes of users with `contacts` (m, a) for anchors of tastes `told` (a, k), each as if new."""
        lengths = (self.cold.tastes(contacts, self.rows) ** 2).sum(axis=1, keepdims=True)
        loudness = self.cold.volume / np.sqrt(1.0 + lengths) / self.usual
        return np.asarray(self.directions.left_out(contacts, told) * loudness, dtype=np.float32)


def fit_cold_items(interactions: Interactions, features: ItemFeatures) -> ColdFit:
    """Learn from who met what; `features` are of all items, in order. Raises ValueError where nobody met anything.

    An item's taste is where it lies along the directions in which users differ (`ranker.directions`), less where items
    lie in the mean: otherwise some users score high for whatever is new, and one item's audience is never others. Its
    popularity is no part of that: content tells it in another way. The share of popularity is what ranks best when
    items are taken for new (`ranker.cold_share`).
    """
    shape = (interactions.user_count, interactions.item_count)
    met = contacts(interactions.users, interactions.items, interactions.weights, shape)
    counts = np.bincount(met.indices, minlength=shape[1])
    rows = np.sort(np.argsort(-counts, kind="stable")[: min(MOST_ANCHORS, int((counts > 0).sum()))])
    if not len(rows):
        raise ValueError("interactions hold no event; expected at least one to learn from")
    known, liked = features.take(rows), _liked(interactions)[:, rows]
    directions = find_directions(met[:, rows], TASTES)
    inputs = ContentInputs.of(known)
    anchors, sample = inputs.prepare(known), spread_sample(counts[rows])
    popular = np.log1p(np.bincount(liked.indices, minlength=len(rows)))[:, None].astype(np.float32)
    centre = directions.items.mean(axis=0)
    taste, liking = (fit_content_ridge(inputs, anchors, told, sample) for told in (directions.items - centre, popular))
    usual = max(float(np.median(np.linalg.norm(directions.tastes(met[:, rows]), axis=1))), 1e-9)
    loadings = np.zeros((shape[1], len(directions.values)), dtype=np.float32)
    loadings[rows] = directions.loadings / usual
    start = np.asarray(-directions.mean @ loadings[rows], dtype=np.float32)
    left_out = np.concatenate([taste.left_out, liking.left_out], axis=1)
    usually = usual_warm_up(centre)
    cold = ColdItems(inputs, anchors, taste.ridge, liking.ridge, loadings, start, 1.0, 0.0, usually)
    return _balanced(ColdFit(cold, rows, left_out, directions, usual), met[:, rows], liked)


def _balanced(fit: ColdFit, met: "csr_matrix", liked: "csr_matrix") -> ColdFit:
    """Return the fit with tastes whose scores deviate by 1 over items taken for new, and popularity's best share."""
    judging = judges(met)
    scores = fit.scores(met[judging], fit.left_out[:, :-1])
    deviation = max(float(scores.std()), 1e-9)
    share = best_share(scores / np.float32(deviation), fit.left_out[:, -1], liked[judging])
    return replace(fit, cold=replace(fit.cold, volume=1.0 / deviation, share=share))


def _liked(interactions: Interactions) -> "csr_matrix":
    liked = interactions.weights > 0
    columns = (interactions.users[liked], interactions.items[liked], interactions.weights[liked])
    return contacts(*columns, (interactions.user_count, interactions.item_count))


def contacts(users: Rows, items: Rows, weights: Floats, shape: tuple[int, int]) -> "csr_matrix":
    """Return a matrix of `shape` of how much users had to do with items: 1 + weight, at least 0, the most of each pair.

    Items of -1 are passed over.
    """
    from scipy.sparse import csr_matrix

    strengths = np.maximum(1.0 + weights, 0.0)
    kept = np.flatnonzero((items >= 0) & (strengths > 0))
    kept = kept[np.lexsort((-strengths[kept], items[kept], users[kept]))]
    pairs = users[kept] * shape[1] + items[kept]
    first = kept[np.flatnonzero(np.diff(pairs, prepend=-1))]
    return csr_matrix((strengths[first], (users[first], items[first])), shape=shape, dtype=np.float32)
