"""Watch: what metrics tell of the state, read at a bounded rate by a thread, so that no answer pays for it."""

import logging
import threading
import time

from embedders.vector_cache import LOOKUPS
from plait import snapshot
from plait.recall_file import read_recall
from plait.recommender import Recommender
from plait.service.click_through import ClickThrough, model_of
from plait.service.memory import memory_bytes
from plait.service.metrics import Metrics

LOGGER = logging.getLogger("plait.service")
EVERY_SECONDS = 5.0
"""How often a worker says what it is like, for the others to tell."""
LEAST_SECONDS = 1.0
"""How old what it said may be when it is asked itself."""


class Watch:
    """Reads what answers, and what was liked, into metrics."""

    def __init__(self, recommender: Recommender, metrics: Metrics) -> None:
        self.metrics = metrics
        self.clicks = ClickThrough(recommender, metrics)
        self._recommender = recommender
        self._lock = threading.Lock()
        self._read_at = 0.0
        self._hits = self._misses = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def begin(self) -> None:
        """Read every few seconds from now on."""
        self._thread.start()

    def close(self) -> None:
        """End."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()

    def text(self) -> bytes:
        """Return the metrics, this process's as they are now."""
        self.read(older_than=LEAST_SECONDS)
        return self.metrics.text()

    def _run(self) -> None:
        while True:
            self.read()
            if self._stopped.wait(EVERY_SECONDS):
                return

    def read(self, *, older_than: float = 0.0) -> None:
        """Read the state, unless what was read last is younger. What cannot be read is counted and tried again."""
        with self._lock:
            if self._read_at and time.monotonic() - self._read_at < older_than:
                return
            try:
                self._read()
            except Exception:
                # Whatever it is: who asks for metrics wants to see the others above all.
                LOGGER.exception("the state cannot be read for metrics")
                self.metrics.failed()
            self._read_at = time.monotonic()

    def _read(self) -> None:
        hits, misses = LOOKUPS.hits, LOOKUPS.misses
        self.metrics.looked_up(hits - self._hits, misses - self._misses)
        self._hits, self._misses = hits, misses
        self.metrics.state(self._state(), memory_bytes())
        self.clicks.follow()

    def _state(self) -> dict[str, float]:
        """Return what can be told by now: nothing of an index before one is loaded."""
        workspace, values = self._recommender.workspace, dict[str, float]()
        moment = self._recommender.live.held
        if moment is not None:
            model = model_of(moment.name)
            values |= {
                "model_number": float(model) if model.isdecimal() else 0.0, "index_number": float(moment.number),
                "items": float(len(moment.index)),
            }  # fmt: skip
        published = snapshot.current(workspace.index_folder)
        if published is not None:
            values["unindexed_changes"] = float(workspace.store.sequence() - published.sequence)
        found = read_recall(workspace.index_folder)
        if found is not None:
            values |= {"index_recall": found.recall, "index_recall_floor": found.floor, "index_recall_at": found.at}
        return values
