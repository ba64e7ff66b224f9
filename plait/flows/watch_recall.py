"""Recall watched: what searches find of what an exact search does; an index that finds too little is mended."""

import time
from dataclasses import replace

import numpy as np

from index import Vectors, found_of
from plait.evaluation.bootstrap import intervals
from plait.flows.publish import publish_living
from plait.history import histories_of
from plait.live import Live
from plait.moment import Moment
from plait.recall_file import MeasuredRecall, write_recall
from plait.workspace import COMPACTOR, Fence

LIMIT = 10
NOISE = 0.3
"""Length of what is added to an item's vector, of its own: a query is near an item, and seldom one."""


def watch_recall(live: Live, *, seed: int = 0) -> MeasuredRecall:
    """Measure the recall of the present index; where it is surely below `recall_floor`, build and publish it anew.

    It is surely below where the upper end of the 95 % interval is: of indexes that find just what the floor wants, at
    most one in forty is built anew without need, and hardly any of those that find more. What was measured last is kept
    beside the index for `status`. Nothing is repaired while another process holds the lease, as `did` then says.
    """
    found = measured_recall(live.refresh(), seed=seed)
    if found.is_low:
        store = live.workspace.store
        with store.lease(COMPACTOR) as lease:
            if lease is None:
                found = replace(found, did="left as it is: another process builds or trains")
            else:
                found = _repaired(live, found, lambda: store.fence(lease), seed)
    write_recall(live.workspace.index_folder, found)
    return found


def measured_recall(moment: Moment, *, seed: int) -> MeasuredRecall:
    """Return which share of the exact ten nearest living items the searches of a moment find, 1 without any item.

    The interval is by the bootstrap over queries: misses of one query come together.
    """
    settings = moment.workspace.config.index
    queries = _queries(moment, settings.recall_sample, np.random.default_rng(seed))
    # Searched as answers are: with the living rows alone, which is how tombstones make a search look further.
    found, expected = found_of(moment.index.search(queries, LIMIT), moment.index.search_exactly(queries, LIMIT))
    asked = expected > 0
    interval = {"mean": 1.0, "low": 1.0, "high": 1.0}
    if asked.any():
        interval = dict(intervals({"recall": found[asked] / expected[asked]}, seed=seed)["recall"])
    return MeasuredRecall(
        moment.number, interval["mean"], interval["low"], interval["high"], int(asked.sum()),
        settings.recall_floor, time.time(),
    )  # fmt: skip


def _repaired(live: Live, low: MeasuredRecall, fence: Fence, seed: int) -> MeasuredRecall:
    """Publish the index anew, as a scan where codes or a graph find too little again; return what it finds then.

    Damaged or outgrown codes are as good as new once they are made anew. What their fit cannot see, because other
    queries are asked than it thinks of, stays: then only a scan helps. Where another index is published by now than
    the one that was found too `low`, nothing is done.
    """
    # One of its own: `live` may answer by an older index until it has loaded what is published here.
    ours = Live(live.workspace)
    if ours.refresh().number != low.index:
        return replace(low, did="left as it is: another index was published meanwhile")
    for scan in (False, True):
        publish_living(ours, seed=seed, fence=fence, scan=scan)
        found = measured_recall(ours.refresh(), seed=seed)
        if found.recall >= found.floor:
            break
    how = "searched by a scan" if scan else "built anew"
    return replace(found, did=f"{how}: index {low.index} found {low.recall:.3f} [{low.low:.3f}, {low.high:.3f}]")


def _queries(moment: Moment, count: int, rng: np.random.Generator) -> Vectors:
    """Return `count` or fewer queries as they are asked: profiles of users, half of them, and near items."""
    rows = np.flatnonzero(moment.index.alive)
    if not len(rows):
        return np.zeros((0, moment.index.dimension), dtype=np.float32)
    profiles = _profiles(moment, count // 2, rng)
    items = moment.index.vectors(rng.choice(rows, count - len(profiles)))
    noise = rng.standard_normal(items.shape).astype(np.float32)
    # A strand that the item lacks is lacking in the query, too.
    noise *= items != 0
    length = np.linalg.norm(noise, axis=1, keepdims=True)
    noise *= NOISE * np.linalg.norm(items, axis=1, keepdims=True) / np.where(length > 0, length, 1.0)
    queries = np.concatenate([profiles, items + noise])
    # To what asks for nothing all items are equally near.
    return np.asarray(queries[queries.any(axis=1)])


def _profiles(moment: Moment, count: int, rng: np.random.Generator) -> Vectors:
    """Return the profiles (n, dimension) of `count` users, of all where they are fewer; zero for who has none."""
    workspace = moment.workspace
    users = workspace.store.user_ids()
    chosen = [users[place] for place in rng.permutation(len(users))[:count].tolist()]
    events = list(workspace.store.recent_interactions(chosen, workspace.config.recommend.history).values())
    rows = [moment.index.rows([event.item_id for event in mine]) for mine in events]
    histories = histories_of(events, rows, workspace.config)
    # Without what profiles need nothing of, and costs most of the time.
    ranker = replace(moment.models.ranker, sequence=None, new_users=None, cold=None)
    return np.asarray(ranker.user_side(histories, moment.items, moment.index.vectors).profiles.vectors)
