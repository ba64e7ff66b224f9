"""The benchmark of first events: what is told is what comes first, what is looked for what comes later."""

import numpy as np

from plait.evaluation.cold_splitters import cold_items
from plait.history import Log
from ranker.cold_items import fit_cold_items
from ranker.fit_warm_up import first_events, with_warm_up
from scripts.bench_first_events import TOLD, judged, later_likings, warmed
from tests.plait.evaluation.logs import Event, log_of
from tests.plait.evaluation.peers.content_items import clouds

ITEMS = 60


def uneven() -> Log:
    """Return ratings in which every third item is good, whatever its content, and each user's own side better still."""
    rng = np.random.default_rng(0)
    rows: list[Event] = []
    for user in range(90):
        for step, item in enumerate(rng.permutation(ITEMS)[:45].tolist()):
            chance = 0.15 + 0.6 * (item % 3 == 0) + 0.2 * (item % 2 == user % 2)
            rows.append((f"u{user}", f"item-{item}", 100.0 * step + user, 1.0 if rng.random() < chance else -0.5))
    return log_of(rows, item_ids=[f"item-{item}" for item in range(ITEMS)])


def test_later_likings_are_of_those_who_were_not_among_the_first() -> None:
    log = uneven()
    rows = np.asarray([3, 7])
    events = first_events(log.interactions(), rows, 5)
    wanted = later_likings(log, rows, events)
    for place, row in enumerate(rows.tolist()):
        mine = np.flatnonzero(log.items == row)
        first, later = log.users[mine[:5]], mine[5:]
        assert set(np.flatnonzero(wanted[:, place])) == set(log.users[later[log.positive[later]]]) - set(first)


def test_of_no_events_content_alone_remains() -> None:
    log, items = uneven(), clouds(ITEMS)
    split = cold_items(log, 0)
    cold = with_warm_up(fit_cold_items(split.train, items.features), split.train).cold
    told = cold.items(items.features.take(split.pool))
    people = cold.users(split.train.histories())[:, :-1]
    events = first_events(log.interactions(), split.pool, 20)
    np.testing.assert_allclose(warmed(cold, told, people, events, 0), told, atol=1e-5)
    assert not np.allclose(warmed(cold, told, people, events, 5), told, atol=1e-2)


def test_more_events_find_more_where_items_are_good_or_bad() -> None:
    found = judged(uneven(), clouds(ITEMS), 0)
    assert tuple(found) == TOLD
    means = [np.nanmean(found[count]) for count in (0, 5, 20)]
    assert means[2] > means[1] > means[0]
