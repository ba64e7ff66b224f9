"""The planted cheater, and the check that finds a model which reads the targets of the split it is handed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from index.vector_index import Rows
from plait.evaluation.bootstrap import intervals
from plait.evaluation.leaks import Check
from plait.evaluation.measure import measure
from plait.evaluation.peers.peer import Fitted, Peer, Settings
from plait.evaluation.peers.popularity import Popularity
from plait.evaluation.ranking import seen
from plait.evaluation.salted import salted
from plait.evaluation.splits import Split
from ranker.interactions import Floats, Histories

OTHER_TARGETS = "other targets"


@dataclass(frozen=True, slots=True)
class FittedCheater:
    """Knows the targets (items) of a history by its entries; `fallback` (items,) are the counts of all items."""

    targets: Mapping[bytes, Rows]
    fallback: Floats

    def scores(self, histories: Histories) -> Floats:
        """Return (m, items) the counts, and more than any for a target."""
        scores = np.tile(self.fallback, (len(histories), 1))
        for row, (start, stop) in enumerate(pairwise(histories.offsets.tolist())):
            scores[row, self.targets.get(histories.items[start:stop].tobytes(), [])] = np.inf
        return scores


class PlantedCheater:
    """A model that is as good as popularity, and perfect where the split it learns from still has targets."""

    name = "planted-cheater"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Return nothing."""
        return {}

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedCheater:
        """Read the targets off the split."""
        spans = zip(pairwise(split.histories.offsets.tolist()), pairwise(split.target_offsets.tolist()), strict=True)
        known = {split.histories.items[a:b].tobytes(): split.targets[c:d] for (a, b), (c, d) in spans}
        counts = np.bincount(split.train.items, minlength=split.train.item_count)
        return FittedCheater(known, counts.astype(np.float32))


SAME_SEED = 1e-3
"""What threads that add in another order may move the figure of a model that learnt twice from one seed."""


def with_other_targets(split: Split, seed: int) -> Split:
    """Return the split with targets that nobody asked for: as many a case, drawn by a salted hash, none of them seen.

    A case that has seen too much to be given others keeps those it has.
    """
    names = split.item_ids.ids(split.pool)
    hashes = salted(seed, [f"other\x1f{name}" for name in names])
    order = split.pool[np.argsort(hashes)]
    targets = split.targets.copy()
    for case, (start, stop) in enumerate(pairwise(split.target_offsets.tolist())):
        known = seen(split.seen.take(np.asarray([case])), len(split.item_ids))[0]
        known[split.targets[start:stop]] = True
        # Every case begins elsewhere in the order, so that the drawn ones are not the same for all.
        free = np.roll(order, -7 * case)
        free = free[~known[free]][: stop - start]
        if len(free) == stop - start:
            targets[start:stop] = free
    return replace(split, targets=targets)


def check_targets(peer: Peer, split: Split, settings: Settings, *, cut: int = 10) -> Check:
    """Return the model's figure when it is handed the split whole, beside that when the targets in it are others.

    Both are measured on the true targets. A model that does not read targets learns the same both times; where the
    figure moves they were read.
    """
    found = _beside(OTHER_TARGETS, peer, split, settings, with_other_targets(split, split.salt), cut)
    return replace(found, exact=True, slack=SAME_SEED)


def check_blind(peer: Peer, split: Split, settings: Settings, *, cut: int = 10) -> Check:
    """Return the figure of a model that is handed the split whole, beside that when it learns as all models do."""
    return _beside("no targets", peer, split, settings, split.without_targets(), cut)


def check_as_popular(peer: Peer, split: Split, settings: Settings, *, cut: int = 10) -> Check:
    """Return popularity's figure beside that of a model which learns as all models do and knows no more.

    The planted cheater has nothing but counts where it finds no targets: above popularity's interval it found some.
    """
    metric, blind = f"ndcg@{cut}", split.without_targets()
    popular, mine = (
        intervals({metric: measure(one.fit(blind, given, seed=split.salt), split, (cut,)).values[metric]})[metric]
        for one, given in ((Popularity(), {}), (peer, settings))
    )
    return Check("no targets, beside popularity", peer.name, metric, {**popular, "low": 0.0}, mine)


def _beside(name: str, peer: Peer, split: Split, settings: Settings, other: Split, cut: int) -> Check:
    metric = f"ndcg@{cut}"
    fits: list[Fitted] = [peer.fit(handed, settings, seed=split.salt) for handed in (split, other)]
    plain, disguised = (intervals({metric: measure(fitted, split, (cut,)).values[metric]})[metric] for fitted in fits)
    return Check(name, peer.name, metric, plain, disguised)
