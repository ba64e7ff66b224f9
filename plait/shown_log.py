"""ShownLog: how often each item was shown and clicked, as one process holds it, following the store."""

import threading
from collections import Counter
from dataclasses import dataclass

import numpy as np

from index import LiveView
from index.vector_index import Rows
from plait.event_weights import is_positive
from plait.workspace import Workspace

NAMES = ("found", "shown", "clicked")


@dataclass(frozen=True, slots=True)
class TimesShown:
    """Counts (row_count,) by the rows of an index.

    `found` are events that name no recommendation, `shown` places in slates that were logged, and `clicked` those of
    them that a positive event of the same user answers, once each.
    """

    found: Rows
    shown: Rows
    clicked: Rows


class ShownLog:
    """What was shown, counted once and then on from the last sequence number read.

    It follows from the store alone: a process that has followed every change knows the same as one that begins now.
    """

    def __init__(self, workspace: Workspace) -> None:
        """Begin with nothing; the log is counted when it is first asked for."""
        self._workspace = workspace
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._sequence = 0
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in NAMES}
        self._clicked: set[tuple[str, str]] = set()
        """By recommendation_id and item_id, so that a second event counts no second click."""
        self._view: LiveView | None = None
        self._times = TimesShown(*(np.empty(0, dtype=np.int64) for _ in NAMES))

    def times(self, view: LiveView) -> TimesShown:
        """Return the counts of the store's present state, by the rows of `view`."""
        with self._lock:
            changed = self._follow(self._workspace.store.sequence())
            if view is not self._view:
                self._view = view
                self._times = TimesShown(*(np.zeros(view.row_count, dtype=np.int64) for _ in NAMES))
                changed = set().union(*self._counts.values())
            if changed:
                self._times = self._counted(view, sorted(changed))
            return self._times

    def _follow(self, sequence: int) -> set[str]:
        """Count what was recorded up to `sequence`, and return the items it names."""
        if sequence == self._sequence:
            return set()
        store = self._workspace.store
        if store.rewritten() > self._sequence:
            self._begin()
        after = self._sequence
        config = self._workspace.config.events
        answers = store.responses(after=after, until=sequence)
        clicks = {each[:2] for each in answers if is_positive(each.event, each.value, config)} - self._clicked
        self._clicked |= clicks
        news = {
            "found": store.times_found(after=after, until=sequence),
            "shown": store.times_shown(after=after, until=sequence),
            "clicked": Counter(item_id for _, item_id in clicks),
        }
        for name, counts in news.items():
            self._counts[name].update(counts)
        self._sequence = sequence
        return set().union(*news.values())

    def _counted(self, view: LiveView, item_ids: list[str]) -> TimesShown:
        """Return the counts with those of `item_ids` as they are now; who has the former ones may keep them."""
        rows = view.rows(item_ids)
        columns = []
        for name in NAMES:
            column = getattr(self._times, name).copy()
            column[rows[rows >= 0]] = [
                self._counts[name][item_id] for item_id, row in zip(item_ids, rows.tolist(), strict=True) if row >= 0
            ]
            columns.append(column)
        return TimesShown(*columns)
