"""ClickThrough: which items that this process has shown were liked, by the model that chose them."""

import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence

import numpy as np

from plait.event_weights import is_positive
from plait.ranking import Ranking
from plait.recommender import Recommender
from plait.service.metrics import Metrics

MOST_SLATES = 50_000
"""Slates that a process remembers; likings that come after so many others are not counted."""
MODEL = re.compile(r"\bmodel (\d+)")


class ClickThrough:
    """Counts what is shown at once, and what is liked of it from the store, from the last change read."""

    def __init__(self, recommender: Recommender, metrics: Metrics) -> None:
        self._recommender = recommender
        self._metrics = metrics
        self._lock = threading.Lock()
        self._slates: OrderedDict[str, tuple[str, set[str]]] = OrderedDict()
        """By recommendation_id the model, and the items that were liked by now."""
        self._sequence: int | None = None

    def show(self, rankings: Sequence[Ranking]) -> None:
        """Count the rankings that were written down."""
        written = [ranking for ranking in rankings if ranking.recommendation_id]
        if not written:
            return
        known = self._recommender.live.refresh().models.item_ids
        for ranking in written:
            model = model_of(ranking.model)
            rows = known.rows([item.item_id for item in ranking.items])
            self._metrics.shown(model, len(rows), int(np.count_nonzero(rows < 0)))
            with self._lock:
                self._slates[ranking.recommendation_id] = model, set()
                while len(self._slates) > MOST_SLATES:
                    self._slates.popitem(last=False)

    def follow(self) -> None:
        """Count what was liked since the last call."""
        store, config = self._recommender.workspace.store, self._recommender.workspace.config.events
        sequence = store.sequence()
        with self._lock:
            after, self._sequence = self._sequence, sequence
            if after is None or after == sequence or not self._slates:
                return
            liked: Counter[str] = Counter()
            for one in store.responses(after=after, until=sequence):
                slate = self._slates.get(one.recommendation_id)
                if slate is not None and one.item_id not in slate[1] and is_positive(one.event, one.value, config):
                    slate[1].add(one.item_id)
                    liked[slate[0]] += 1
        for model, count in liked.items():
            self._metrics.clicked(model, count)


def model_of(name: str) -> str:
    """Return the number of the model in the name of a moment, "untrained" where there is none."""
    found = MODEL.search(name)
    return found[1] if found else "untrained"
