"""Measure what exploration costs, and what it learns.

The cost: a model learns from a split as `plait evaluate` lets it, and its lists of 10 explore at every fifth place.
New are items with fewer than `--new-below` events that were learnt from; what is believed of them are those events,
liked or not. NDCG@10 and the share of places that new items have are expectations over all draws, which the
propensities tell exactly; the change against no exploration has its paired 95 % interval.

What is learnt: new items with click rates drawn from Beta(1, 19) are shown in rounds, and each round knows the clicks
of those before. Printed are the clicks per explored place in the first and the last quarter, beside the best there is.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Mask, Rows
from plait.config import Exploration
from plait.evaluation.bootstrap import intervals
from plait.evaluation.peers.peer import KnowsUsers
from plait.evaluation.peers.registry import make_peer
from plait.evaluation.protocols import splitter
from plait.evaluation.ranking import Scores, ranked, seen
from plait.evaluation.splits import Split
from plait.evaluation.validation import validation_of
from plait.flows.explore import EXPECTED, POOL, PRIOR_SHOWN
from plait.flows.judging import log_of
from plait.live import Live
from plait.workspace import Workspace
from ranker.click_rate import Prior, beliefs, order_chances, rates
from ranker.exploration import even_chances, explore, slot_chances, slots_of

CUT = 10
SHARES = (0.1, 0.25, 0.5, 1.0)
DISCOUNTS = 1.0 / np.log2(np.arange(2, CUT + 2))
Values = NDArray[np.float64]


class Cost(NamedTuple):
    """NDCG@10 (m,) of m users, and the share (m,) of their places that new items have."""

    ndcg: Values
    new: Values


class Pages(NamedTuple):
    """Lists (m, CUT) of m users, and the new items (m, POOL) that may stand at their slots, -1 for none."""

    listed: Rows
    pools: Rows


def pages_of(split: Split, scores: Scores, new: Mask) -> Pages:
    """Return what is ranked for everybody, and the new items with the best scores behind that.

    Raises ValueError where somebody has fewer than CUT items left.
    """
    out = ~split.in_pool | seen(split.seen, len(split.item_ids))
    listed = ranked(scores, split.ties, CUT, left_out=out)
    if listed.shape[1] < CUT or (listed < 0).any():
        raise ValueError(f"a list ends before its {CUT} places; expected a larger catalogue")
    out = out | ~new
    np.put_along_axis(out, listed, True, axis=1)
    return Pages(listed, ranked(scores, split.ties, POOL, left_out=out))


def cost(pages: Pages, orders: Values, share: float, split: Split, new: Mask) -> Cost:
    """Return what is expected of pages whose slots explore; `orders` (m, k, POOL)."""
    slots = slots_of(0, CUT, Exploration().every)
    chances = slot_chances(orders, share)
    wanted = np.zeros((len(split), len(split.item_ids)))
    wanted[split.target_owners, split.targets] = 1.0
    stays = np.ones(pages.listed.shape)
    stays[:, slots] -= chances.sum(axis=2)
    gains = stays * np.take_along_axis(wanted, pages.listed, axis=1)
    gains[:, slots] += (chances * np.take_along_axis(wanted, np.maximum(pages.pools, 0), axis=1)[:, None, :]).sum(
        axis=2
    )
    ideal = np.cumsum(DISCOUNTS)[np.minimum(wanted.sum(axis=1).astype(np.int64), CUT) - 1]
    places = (stays * new[pages.listed]).sum(axis=1) + chances.sum(axis=(1, 2))
    return Cost(gains @ DISCOUNTS / ideal, places / CUT)


def costs(split: Split, scores: Scores, new_below: int) -> Iterator[tuple[str, Cost]]:
    """Yield the name of a policy and its cost, no exploration first."""
    count = len(split.item_ids)
    shown = np.bincount(split.train.items, minlength=count)
    liked = np.bincount(split.train.items[split.train.weights > 0], minlength=count)
    rate = float(liked.sum() / shown.sum())
    new = (shown < new_below) & split.in_pool
    print(f"{new.sum()} of {split.in_pool.sum()} items are new, {new[split.targets].mean():.1%} of the targets")
    pages, slots = pages_of(split, scores, new), len(slots_of(0, CUT, Exploration().every))
    known, there = pages.pools >= 0, np.maximum(pages.pools, 0)
    believed = beliefs(liked[there], shown[there], Prior(rate * PRIOR_SHOWN, (1.0 - rate) * PRIOR_SHOWN))
    orders = {"epsilon": even_chances(known, slots), "thompson": order_chances(believed, known, slots)}
    yield "off", cost(pages, orders["epsilon"], 0.0, split, new)
    for name, chances in orders.items():
        for share in SHARES:
            yield f"{name} {share}", cost(pages, chances, share, split, new)


def learnt(method: str, rounds: int, *, users: int = 50, items: int = 200, seed: int = 0) -> tuple[Values, Values]:
    """Return (rounds,) the clicks per explored place of a simulation, and the rates (items,) it had to find out."""
    rng = np.random.default_rng(seed)
    truth = rng.beta(EXPECTED * PRIOR_SHOWN, (1.0 - EXPECTED) * PRIOR_SHOWN, size=items)
    clicked, shown = np.zeros(items, dtype=np.int64), np.zeros(items, dtype=np.int64)
    prior, known = Prior(EXPECTED * PRIOR_SHOWN, (1.0 - EXPECTED) * PRIOR_SHOWN), np.ones((users, POOL), dtype=np.bool_)
    found = np.empty(rounds)
    for turn in range(rounds):
        pools = np.argsort(rng.random((users, items)), axis=1)[:, :POOL]
        drawn, coins = rng.random(pools.shape), rng.random((users, 2))
        orders = even_chances(known, 2)
        if method == "thompson":
            drawn = rates(beliefs(clicked[pools], shown[pools], prior), drawn)
        # Propensities are of no account here, and those of an even order are cheap.
        chosen = np.take_along_axis(pools, explore(orders, drawn, known, 1.0, coins).chosen, axis=1)
        clicks = rng.random(chosen.shape) < truth[chosen]
        np.add.at(shown, chosen, 1)
        np.add.at(clicked, chosen[clicks], 1)
        found[turn] = clicks.mean()
    return found, truth


def main(arguments: list[str]) -> None:
    """Print the costs in a workspace, and what a simulation learns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--protocol", default="last-liked")
    parser.add_argument("--salt", type=int, default=20)
    parser.add_argument("--model", default="recency-ease", help="whose lists explore, [recency-ease]")
    parser.add_argument("--new-below", type=int, default=Exploration().new_below)
    parser.add_argument("--rounds", type=int, default=200, help="rounds of the simulation, [200]")
    options = parser.parse_args(arguments)
    log, materials = log_of(Live(Workspace.open(options.workspace)), options.protocol)
    split = splitter(options.protocol)(log, options.salt)[0]
    peer = make_peer(options.model, materials)
    chosen = {} if options.model == "plait" else peer.choose(validation_of(split, splitter(options.protocol)), seed=0)
    fitted = peer.fit(split.without_targets(), chosen, seed=options.salt)
    mine = fitted.of_users(split.users) if isinstance(fitted, KnowsUsers) else fitted
    plain: Cost | None = None
    for name, found in costs(split, mine.scores(split.histories), options.new_below):
        plain = plain or found
        change = intervals({"ndcg": 100 * (found.ndcg - plain.ndcg) / plain.ndcg.mean()})["ndcg"]
        told = f"{change['mean']:+.1f} [{change['low']:+.1f}, {change['high']:+.1f}] %"
        print(f"{name:14} NDCG@10 {found.ndcg.mean():.4f}  {told}  new items {found.new.mean():.3f}", flush=True)
    for method in ("epsilon", "thompson"):
        clicks, truth = learnt(method, options.rounds)
        quarters = [part.mean() for part in np.array_split(clicks, 4)]
        best = f"best 2 of {POOL} by truth {best_of(truth):.3f}, all alike {truth.mean():.3f}"
        print(f"{method:14} clicks a place {quarters[0]:.3f}, later {quarters[-1]:.3f}  ({best})", flush=True)


def best_of(truth: Values) -> float:
    """Return the click rate of who always shows the best two of a random pool."""
    pools = np.argsort(np.random.default_rng(1).random((2_000, len(truth))), axis=1)[:, :POOL]
    return float(np.sort(truth[pools], axis=1)[:, -2:].mean())


if __name__ == "__main__":
    main(sys.argv[1:])
