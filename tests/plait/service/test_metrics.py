"""Metrics: each is counted where it happens, and no label holds what anybody sent."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from embedders.items import Strand
from plait import Recommender
from plait.recall_file import MeasuredRecall, write_recall
from plait.service.app import create_app
from plait.service.lanes import Lane
from plait.service.metrics import MOST_MODELS, Metrics
from plait.service.serving import Serving
from plait.service.shared_metrics import forget_dead
from plait.stages import STAGES
from tests.waiting import eventually

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples_of(text: str) -> Samples:
    """Return all values by name and labels."""
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, tuple(sorted(labels.items()))]


@dataclass(frozen=True, slots=True)
class Service:
    """A service in this process, and what its routes work with."""

    client: TestClient
    serving: Serving

    def metrics(self) -> Samples:
        """Return its metrics, its state read just now."""
        self.serving.watch.read()
        return samples_of(self.client.get("/metrics").text)


@pytest.fixture
def service(recommender: Recommender) -> Iterator[Service]:
    app = create_app(recommender)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Service(client, app.state.serving)


def test_stages_and_batches(service: Service) -> None:
    service.client.post("/v1/search", json={"like": ["space-1"]})
    service.client.get("/v1/users/anna/recommendations")
    found = service.metrics()
    for stage in ("search", "score", "rank", "profile", "rules", "record"):
        assert value(found, "plait_stage_seconds_count", stage=stage) >= 1
    assert value(found, "plait_batch_questions_sum", kind="search") == 1
    assert value(found, "plait_batch_questions_sum", kind="recommend") == 1
    assert value(found, "plait_lane_wait_seconds_count", lane="answers") >= 2
    assert value(found, "plait_freshness_seconds_count") >= 1


def test_a_change_is_followed_once(service: Service) -> None:
    while service.client.get("/ready").status_code != 200:
        time.sleep(0.01)  # loading takes up changes as well, and nobody hears of it
    service.client.get("/v1/users/anna/recommendations?log_exposure=false")
    before = value(service.metrics(), "plait_freshness_seconds_count")
    service.client.post("/v1/events", json={"events": [{"user_id": "anna", "item_id": "space-1"}]})
    for _ in range(3):
        service.client.get("/v1/users/anna/recommendations?log_exposure=false")
    assert value(service.metrics(), "plait_freshness_seconds_count") == before + 1


def test_events(service: Service) -> None:
    sent = [{"user_id": "anna", "item_id": "space-1", "event": "like", "event_id": "e1"}]
    for _ in range(2):
        assert service.client.post("/v1/events", json={"events": sent}).status_code == 200
    wrong = [{"user_id": "anna", "item_id": "space-1", "event": "secret-kind"}]
    assert service.client.post("/v1/events", json={"events": wrong}).status_code == 422
    found = service.metrics()
    assert value(found, "plait_events_received_total", event="like") == 2
    assert value(found, "plait_events_received_total", event="other") == 1
    outcomes = {name: value(found, "plait_events_total", outcome=name) for name in ("accepted", "duplicate", "refused")}
    assert outcomes == {"accepted": 1, "duplicate": 1, "refused": 1}
    assert "secret" not in service.client.get("/metrics").text


def test_what_is_shown_and_liked_by_model(service: Service) -> None:
    service.serving.watch.read()
    answer = service.client.get("/v1/users/anna/recommendations?limit=4").json()
    number = answer["model"].partition("model ")[2].partition(",")[0]
    model = number or "untrained"
    first, second = (item["item_id"] for item in answer["items"][:2])
    named = {"user_id": "anna", "recommendation_id": answer["recommendation_id"]}
    events = [
        {**named, "item_id": first, "event": "like"}, {**named, "item_id": first, "event": "purchase"},
        {**named, "item_id": second, "event": "skip"}, {"user_id": "anna", "item_id": second, "event": "like"},
    ]  # fmt: skip
    assert service.client.post("/v1/events", json={"events": events}).json()["accepted"] == 4
    for _ in range(2):
        found = service.metrics()
    assert value(found, "plait_items_shown_total", model=model) == 4
    assert value(found, "plait_items_clicked_total", model=model) == 1
    assert 0 <= value(found, "plait_cold_items_shown_total", model=model) <= 4
    assert value(found, "plait_model_number") == float(number or 0)


def test_items_that_no_model_knows_are_cold(service: Service, recommender: Recommender) -> None:
    answer = service.client.get("/v1/users/anna/recommendations?limit=50").json()
    known = recommender.live.refresh().models.item_ids
    rows = known.rows([item["item_id"] for item in answer["items"]])
    found = service.metrics()
    model = "untrained" if "untrained" in answer["model"] else str(int(value(found, "plait_model_number")))
    assert value(found, "plait_items_shown_total", model=model) == len(rows) > 0
    assert value(found, "plait_cold_items_shown_total", model=model) == (rows < 0).sum()


def test_recall_and_changes(service: Service, recommender: Recommender) -> None:
    assert ("plait_index_recall_ratio", ()) in service.metrics()
    workspace = recommender.workspace
    write_recall(workspace.index_folder, MeasuredRecall(1, 0.75, 0.7, 0.8, 200, 0.9, 1_234.0))
    before = value(service.metrics(), "plait_unindexed_changes")
    service.client.post("/v1/events", json={"events": [{"user_id": "anna", "item_id": "space-1"}]})
    found = service.metrics()
    assert value(found, "plait_unindexed_changes") == before + 1
    assert value(found, "plait_index_recall_ratio") == 0.75
    assert value(found, "plait_index_recall_floor_ratio") == 0.9
    assert value(found, "plait_index_recall_timestamp_seconds") == 1_234.0
    assert value(found, "plait_memory_bytes") > 10_000_000
    assert value(found, "plait_workers") == 1


def test_what_cannot_be_read_is_counted_and_the_rest_told(service: Service, recommender: Recommender) -> None:
    pointer = recommender.workspace.index_folder / "CURRENT"
    kept = pointer.read_bytes()
    pointer.write_text("no number")
    try:
        assert value(service.metrics(), "plait_watch_failures_total") >= 1
    finally:
        pointer.write_bytes(kept)


def test_the_cache_of_vectors(service: Service, recommender: Recommender) -> None:
    before = service.metrics()
    cache, fingerprint = recommender.workspace.cache, recommender.workspace.encoder(Strand.TEXT).fingerprint
    cache.get(fingerprint, ["nowhere", "nowhere at all"])
    found = service.metrics()
    name = "plait_vector_cache_lookups_total"
    assert value(found, name, result="miss") == value(before, name, result="miss") + 2
    assert value(found, name, result="hit") == value(before, name, result="hit")


def test_a_full_lane_is_told() -> None:
    metrics = Metrics()
    lane = Lane("writes", threads=1, waiting=1, seconds=5, told=metrics.lane("writes"))
    gate = threading.Event()
    futures = [lane.submit(gate.wait) for _ in range(2)]
    with pytest.raises(Exception, match="wait already"):
        lane.submit(gate.wait)
    eventually(lambda: value(samples_of(metrics.text().decode()), "plait_lane_waiting_requests", lane="writes") == 1)
    assert futures[1].cancel()
    found = samples_of(metrics.text().decode())
    assert value(found, "plait_lane_requests", lane="writes") == 1
    assert value(found, "plait_lane_waiting_requests", lane="writes") == 0
    assert value(found, "plait_lane_refused_total", lane="writes") == 1
    gate.set()
    assert futures[0].result(60)
    lane.close()
    found = samples_of(metrics.text().decode())
    assert value(found, "plait_lane_requests", lane="writes") == 0
    assert value(found, "plait_lane_wait_seconds_count", lane="writes") == 1


def test_series_are_bounded() -> None:
    metrics = Metrics()
    for number in range(MOST_MODELS + 50):
        metrics.shown(str(number), 10, 1)
        metrics.clicked(str(number), 1)
    found = samples_of(metrics.text().decode())
    assert len([name for name, _ in found if name == "plait_items_shown_total"]) == MOST_MODELS + 1
    assert value(found, "plait_items_shown_total", model="more") == 500
    assert len([name for name, _ in found if name == "plait_stage_seconds_count"]) == len(STAGES)


def test_the_dead_say_nothing_of_themselves(tmp_path: Path) -> None:
    counted = "from plait.service.metrics import Metrics; Metrics().batch('search', 3)"
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", counted], env=environment, check=True, timeout=60)
    assert list(tmp_path.glob("gauge_live*"))
    forget_dead(tmp_path)
    assert not list(tmp_path.glob("gauge_live*"))
    assert list(tmp_path.glob("histogram_*"))
