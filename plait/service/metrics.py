"""Metrics: what the service counts and measures, of one process or of all workers together, as Prometheus reads it.

Labels are names that Plait or plait.toml gives, and numbers of models: never ids, nor what anybody sends.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, TypeVar

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from plait.service.shared_metrics import forget_dead, shared_folder
from plait.stages import FOLLOW, STAGES, Lap

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
STAGE_SECONDS = (0.0001, 0.00025, 0.0005, *SECONDS)
QUESTIONS = (1, 2, 4, 8, 16, 32, 64, 128)
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
CONTENT_TYPE = CONTENT_TYPE_LATEST
MOST_MODELS = 200
"""Models that a process counts for by their numbers; what comes after these is counted as "more"."""
OTHER = "other"
TENANT = "tenant"
Metric = TypeVar("Metric", bound=MetricWrapperBase)
Mode = Literal["livesum", "livemostrecent"]


class Metrics:
    """What a process counts; `text` tells the sum over all workers where there are several."""

    def __init__(self, tenant: str = "") -> None:
        """Begin at nothing; with a `tenant` every series names it."""
        self._tenant = tenant
        self._first = (tenant,) if tenant else ()
        self.registry = CollectorRegistry()
        self._models: set[str] = set()
        counter, gauge, histogram = self._counter, self._gauge, self._histogram
        self._requests = counter("requests", "Requests answered.", "method", "route", "status")
        self._seconds = histogram("request_seconds", "Seconds until the answer was sent.", "method", "route")
        self._stages = histogram(
            "stage_seconds", "Seconds of each stage of an answer, of a batch once.", "stage", buckets=STAGE_SECONDS
        )
        self._fresh = histogram(
            "freshness_seconds", "Seconds until the first answer after a change knew of it.", buckets=STAGE_SECONDS
        )
        self._batches = histogram("batch_questions", "Questions answered together.", "kind", buckets=QUESTIONS)
        self._inside = gauge("lane_requests", "Requests that are worked on or wait.", "livesum", "lane")
        self._waiting = gauge("lane_waiting_requests", "Requests that wait for a thread.", "livesum", "lane")
        self._waited = histogram("lane_wait_seconds", "Seconds that requests waited for a thread.", "lane")
        self._refused = counter("lane_refused", "Requests refused because their lane was full.", "lane")
        self._received = counter("events_received", "Events sent, by their type.", "event")
        self._recorded = counter("events", "Events by what became of them.", "outcome")
        self._shown = counter("items_shown", "Items in recommendations written down.", "model")
        self._cold = counter("cold_items_shown", "Of these, items that the model has never met.", "model")
        self._clicked = counter("items_clicked", "Items shown by these workers that were liked.", "model")
        self._lookups = counter("vector_cache_lookups", "Contents looked up in the cache of vectors.", "result")
        self._failures = counter("watch_failures", "Times that the state could not be read for these metrics.")
        self._workers = gauge("workers", "Processes that answer.", "livesum")
        self._memory = gauge("memory_bytes", "Memory of all workers; what they share is counted once.", "livesum")
        recent: Mode = "livemostrecent"
        self._state = {
            "model_number": gauge("model_number", "The model that answers, 0 while untrained.", recent),
            "index_number": gauge("index_number", "The index snapshot that answers.", recent),
            "items": gauge("items", "Items that may be recommended.", recent),
            "unindexed_changes": gauge("unindexed_changes", "Changes that no snapshot of the index has yet.", recent),
            "index_recall": gauge("index_recall_ratio", "Recall of the ten nearest, last measured.", recent),
            "index_recall_floor": gauge("index_recall_floor_ratio", "The recall that plait.toml wants.", recent),
            "index_recall_at": gauge("index_recall_timestamp_seconds", "When recall was measured.", recent),
        }
        self._of(self._workers).set(1)
        for name in STAGES:
            self._of(self._stages, name)

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(f"plait_{name}", help_text, self._labels(labels), registry=self.registry)

    def _gauge(self, name: str, help_text: str, mode: Mode, *labels: str) -> Gauge:
        return Gauge(
            f"plait_{name}", help_text, self._labels(labels), registry=self.registry, multiprocess_mode=mode
        )  # fmt: skip

    def _histogram(
        self, name: str, help_text: str, *labels: str, buckets: tuple[float, ...] = SECONDS
    ) -> Histogram:  # fmt: skip
        return Histogram(f"plait_{name}", help_text, self._labels(labels), registry=self.registry, buckets=buckets)

    def _labels(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        return (TENANT, *labels) if self._first else labels

    def _of(self, metric: Metric, *values: str) -> Metric:
        """Return the series of a metric with these labels, the tenant's where there is one."""
        labels = (*self._first, *values)
        return metric.labels(*labels) if labels else metric

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        method = known_method(method)
        self._of(self._requests, method, route, str(status)).inc()
        self._of(self._seconds, method, route).observe(seconds)

    def heard(self, lap: Lap) -> None:
        """Count a stage of an answer."""
        self._of(self._stages, lap.stage).observe(lap.seconds)
        if lap.stage == FOLLOW:
            self._of(self._fresh).observe(lap.seconds)

    def batch(self, kind: str, questions: int) -> None:
        """Count questions that are answered together."""
        self._of(self._batches, kind).observe(questions)

    def lane(self, name: str) -> "LaneMetrics":
        """Return what counts for a lane."""
        return LaneMetrics(
            self._of(self._inside, name),
            self._of(self._waiting, name),
            self._of(self._waited, name),
            self._of(self._refused, name),
        )

    def received(self, events: Mapping[str, int], outcomes: Mapping[str, int]) -> None:
        """Count events that were sent, by types that are known, and by what became of them."""
        for event, count in events.items():
            self._of(self._received, event).inc(count)
        for outcome, count in outcomes.items():
            self._of(self._recorded, outcome).inc(count)

    def shown(self, model: str, items: int, cold: int) -> None:
        """Count items of a recommendation that was written down."""
        label = self._model(model)
        self._of(self._shown, label).inc(items)
        self._of(self._cold, label).inc(cold)
        self._of(self._clicked, label)

    def clicked(self, model: str, items: int) -> None:
        """Count items shown that were liked."""
        self._of(self._clicked, self._model(model)).inc(items)

    def _model(self, model: str) -> str:
        if model not in self._models and len(self._models) >= MOST_MODELS:
            return "more"
        self._models.add(model)
        return model

    def looked_up(self, hits: int, misses: int) -> None:
        """Count look-ups in the cache of vectors."""
        self._of(self._lookups, "hit").inc(hits)
        self._of(self._lookups, "miss").inc(misses)

    def failed(self) -> None:
        """Count that the state could not be read."""
        self._of(self._failures).inc()

    def state(self, values: Mapping[str, float], memory: int) -> None:
        """Tell what answers, by the names in `_state`, and what memory the process takes."""
        for name, value in values.items():
            self._of(self._state[name]).set(value)
        self._of(self._memory).set(memory)

    def text(self) -> bytes:
        """Return all metrics as Prometheus reads them, those of all workers where there are several."""
        folder = shared_folder()
        if folder is None:
            return generate_latest(self.registry)
        forget_dead(folder)
        together = CollectorRegistry()
        together.register(_OfTenant(MultiProcessCollector(CollectorRegistry(), str(folder)), self._tenant))
        return generate_latest(together)


def known_method(method: str) -> str:
    """Return a method; those that no route has are one, or anybody could make as many series as they like."""
    return method if method in METHODS else OTHER


class _OfTenant(Collector):
    """What all workers tell, of one tenant alone, or of the workspace that is none's."""

    def __init__(self, collector: MultiProcessCollector, tenant: str) -> None:
        self._collector, self._tenant = collector, tenant

    def collect(self) -> Iterator[Family]:
        """Yield the metrics that have anything of it."""
        for family in self._collector.collect():
            family.samples = [each for each in family.samples if each.labels.get(TENANT, "") == self._tenant]
            if family.samples:
                yield family


class LaneMetrics:
    """What counts for a lane: who is in it, waits in it, began, or was refused."""

    def __init__(self, inside: Gauge, waiting: Gauge, waited: Histogram, refused: Counter) -> None:
        self._inside, self._waiting, self._waited, self._refused = inside, waiting, waited, refused

    def entered(self) -> None:
        """Count a request that waits."""
        self._inside.inc()
        self._waiting.inc()

    def began(self, waited: float) -> None:
        """Count one that is worked on after so many seconds."""
        self._waiting.dec()
        self._waited.observe(waited)

    def left(self, *, begun: bool) -> None:
        """Count one that is done, or was given up before it had begun."""
        self._inside.dec()
        if not begun:
            self._waiting.dec()

    def refused(self) -> None:
        """Count one that found no place."""
        self._refused.inc()
