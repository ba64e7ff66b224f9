"""Impressions: what was shown to whom and when; and what of it lies in the window that a split asks about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index import IdMap
from index.vector_index import Rows
from plait.evaluation.cold_splitters import KNOWN
from plait.evaluation.entries import Entries, joined
from plait.evaluation.shown import Shown
from plait.evaluation.splits import Split
from plait.evaluation.time_splitter import windows
from plait.history import Log
from plait.store import EventColumns
from ranker.interactions import Histories, Interactions

IMPRESSION = "impression"


@dataclass(frozen=True, slots=True)
class Impressions:
    """n impressions in the order of time: rows `users` and `items` of a log's ids, `times` in Unix seconds."""

    users: Rows
    items: Rows
    times: NDArray[np.float64]

    @classmethod
    def of(cls, columns: EventColumns, user_ids: IdMap, item_ids: IdMap) -> "Impressions":
        """Take the impressions of known users and items out of a store's events."""
        codes = [place for place, name in enumerate(columns.event_names) if name == IMPRESSION]
        rows = np.flatnonzero(np.isin(columns.events, codes))
        users = user_ids.rows(columns.user_ids)[columns.users[rows]] if len(rows) else rows
        items = item_ids.rows(columns.item_ids)[columns.items[rows]] if len(rows) else rows
        known = (users >= 0) & (items >= 0)
        order = np.argsort(columns.timestamps[rows][known], kind="stable")
        return cls(users[known][order], items[known][order], columns.timestamps[rows][known][order])

    def __len__(self) -> int:
        """Return the number of impressions."""
        return len(self.users)


@dataclass(frozen=True, slots=True)
class Window:
    """Of k `users` (k,), whose `histories` are known and whose `seen` items are not ranked, what is looked at.

    It is what happened from `begins` (k,) on and before `end`.
    """

    users: Rows
    histories: Histories
    seen: Histories
    begins: NDArray[np.float64]
    end: float = np.inf


def with_shown(split: Split, log: Log, impressions: Impressions) -> Split:
    """Return the split with what was shown in its window, as it is where nothing was or its protocol has no window.

    `log` is what the split was made of. An item counts that is ranked for the user; it was liked where a positive
    event of the same user and item follows its first impression inside the window, or comes at the same time.
    """
    window_of = WINDOWS.get(split.name)
    if window_of is None or not len(impressions):
        return split
    shown = _shown(window_of(split, log, np.unique(impressions.users)), split, log, impressions)
    return replace(split, shown=shown) if len(shown) else split


def _shown(window: Window, split: Split, log: Log, impressions: Impressions) -> Shown:
    counts = len(split.user_ids), len(split.item_ids)
    weightless = np.zeros(len(impressions), dtype=np.float32)
    all_shown = Interactions(impressions.users, impressions.items, impressions.times, weightless, *counts)
    pairs, first = _inside(all_shown, window)
    seen = window.seen.users * counts[1] + window.seen.items
    ranked = split.in_pool[pairs % counts[1]] & ~np.isin(pairs, seen)
    # Of several impressions the first counts, of several likings the last: they come in the order of time.
    pairs, place = np.unique(pairs[ranked], return_index=True)
    first = first[ranked][place]
    liked, last = _inside(log.take(np.flatnonzero(log.positive)).interactions(), window)
    liked, place = np.unique(liked[::-1], return_index=True)
    last = last[::-1][place]
    at = np.minimum(np.searchsorted(liked, pairs), max(len(liked) - 1, 0))
    happened = (liked[at] == pairs) & (last[at] >= first) if len(liked) else np.zeros(len(pairs), dtype=np.bool_)
    everybody = Shown(window.users, window.histories, pairs // counts[1], pairs % counts[1], happened)
    return everybody.where(np.ones(len(pairs), dtype=np.bool_))


def _inside(interactions: Interactions, window: Window) -> tuple[Rows, NDArray[np.float64]]:
    """Return a number for each pair of a window's user and an item, and its time, in the order of time by user."""
    mine = interactions.histories().take(window.users)
    inside = (mine.times >= window.begins[mine.users]) & (mine.times < window.end)
    return (mine.users * interactions.item_count + mine.items)[inside], mine.times[inside]


def _from_cut(split: Split, log: Log, shown_to: Rows) -> Window:
    """From the cut up to the next one, of everybody known before it, whether they like anything then or not."""
    start, stop = next((start, stop) for number, start, stop in windows(log.times) if split.part == f"cut {number}")
    users, histories = _learnt(split, shown_to)
    return Window(users, histories, histories, np.full(len(users), start), stop)


def _behind_history(split: Split, _: Log, shown_to: Rows) -> Window:
    """Behind the last event that is known, of those who are judged."""
    cases = np.flatnonzero(np.isin(split.users, shown_to))
    histories = split.histories.take(cases)
    return Window(split.users[cases], histories, split.seen.take(cases), np.nextafter(histories.now, np.inf))


def _ever(split: Split, _: Log, shown_to: Rows) -> Window:
    """At any time, of everybody with a history: of a hidden item nobody knows anything."""
    users, histories = _learnt(split, shown_to)
    return Window(users, histories, histories, np.full(len(users), -np.inf))


def _behind_first_events(split: Split, log: Log, shown_to: Rows) -> Window:
    """Behind the twentieth event of every hidden user who has as many; once for each number of known events."""
    entries = Entries.of(log, split.salt)
    hidden = np.bincount(split.train.users, minlength=len(split.user_ids)) == 0
    users = np.intersect1d(np.flatnonzero(hidden & (entries.counts >= max(KNOWN))), shown_to)
    seen = entries.histories(entries.places < max(KNOWN), users)
    known = joined([entries.histories(entries.places < count, users) for count in KNOWN])
    begins = np.nextafter(seen.now, np.inf)
    return Window(np.tile(users, len(KNOWN)), known, joined([seen] * len(KNOWN)), np.tile(begins, len(KNOWN)))


def _learnt(split: Split, shown_to: Rows) -> tuple[Rows, Histories]:
    """Return whose events are learnt from among those who were shown anything, and their histories."""
    histories = split.train.histories()
    users = np.intersect1d(np.flatnonzero(histories.lengths > 0), shown_to)
    return users, histories.take(users)


WINDOWS: Mapping[str, Callable[[Split, Log, Rows], Window]] = {
    "last-liked": _behind_history,
    "leave-last-out": _behind_history,
    "global-time": _from_cut,
    "cold-items": _ever,
    "cold-users": _behind_first_events,
}
"""By protocol. With `random` later events are known beside the target, and nothing comes after them."""
