"""Tracing: spans go to a collector where one is named, and nowhere else."""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from starlette.testclient import TestClient

from plait import Recommender
from plait.errors import WrongCall
from plait.service.app import create_app
from plait.service.logs import JsonLines
from plait.service.tracing import VARIABLES, check_tracing, is_traced
from plait.service_settings import Service

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Collector(ThreadingHTTPServer):
    """Takes spans by OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taken)
        self.bodies: list[bytes] = []
        self.paths: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def spans(self) -> list[Span]:
        """Return all spans that came, in the order in which they ended."""
        return [
            span
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


class _Taken(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Collector)
        self.server.paths.append(self.path)
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)


def attributes(span: Span) -> dict[str, object]:
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


def test_a_span_a_request_with_its_stages(
    recommender: Recommender, collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Service(tracing=collector.address, warm=())
    with (
        caplog.at_level(logging.INFO, logger="plait.service"),
        TestClient(create_app(recommender, settings)) as client,
    ):
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-ID": "r1"}
        assert client.post("/v1/search", json={"like": ["space-1"]}, headers=headers).status_code == 200
        assert client.get("/v1/items/nowhere?secret=1").status_code == 404
    spans = collector.spans()
    assert set(collector.paths) == {"/v1/traces"}
    requests = {span.name: span for span in spans if span.kind == Span.SPAN_KIND_SERVER}
    assert set(requests) == {"POST /v1/search", "GET /v1/items/{item_id}"}
    search = requests["POST /v1/search"]
    assert (search.trace_id.hex(), search.parent_span_id.hex()) == (TRACE, PARENT)
    assert attributes(search) == {
        "http.request.method": "POST", "http.route": "/v1/search", "http.response.status_code": 200,
        "plait.request_id": "r1",
    }  # fmt: skip
    stages = [span for span in spans if span.parent_span_id == search.span_id]
    assert {"search", "score", "rank"} <= {span.name for span in stages}
    assert all(span.trace_id == search.trace_id for span in stages)
    assert all(span.start_time_unix_nano <= span.end_time_unix_nano for span in stages)
    assert not any(b"secret" in body or b"nowhere" in body or b"space-1" in body for body in collector.bodies)
    lines = [json.loads(JsonLines().format(one)) for one in caplog.records if one.message == "request"]
    assert [line["trace_id"] for line in lines] == [
        TRACE, requests["GET /v1/items/{item_id}"].trace_id.hex()
    ]  # fmt: skip


def test_questions_of_one_batch_have_its_stages_each(recommender: Recommender, collector: Collector) -> None:
    settings = Service(tracing=collector.address, warm=(), batch_wait_ms=300)
    with TestClient(create_app(recommender, settings)) as client:

        def ask(item_id: str) -> None:
            assert client.post("/v1/search", json={"like": [item_id]}).status_code == 200

        threads = [threading.Thread(target=ask, args=(f"space-{number}",)) for number in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    spans = collector.spans()
    requests = [span for span in spans if span.kind == Span.SPAN_KIND_SERVER]
    assert len({span.trace_id for span in requests}) == 2
    for request in requests:
        assert any(span.parent_span_id == request.span_id and span.name == "score" for span in spans)


def test_a_variable_says_where(recommender: Recommender, collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address)
    with TestClient(create_app(recommender, Service(warm=()))) as client:
        client.get("/health")
    assert [span.name for span in collector.spans()] == ["GET /health"]


def test_nothing_is_sent_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_traced(Service())
    for name in VARIABLES:
        with monkeypatch.context() as patch:
            patch.setenv(name, "http://collector:4318")
            assert is_traced(Service())
            patch.setenv("OTEL_SDK_DISABLED", "true")
            assert not is_traced(Service())
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "none")
    assert not is_traced(Service(tracing="http://collector:4318"))


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    check_tracing(Service())
    with pytest.raises(WrongCall, match=r"pip install 'plait\[tracing\]'"):
        check_tracing(Service(tracing="http://collector:4318"))


def test_nothing_of_it_is_loaded_unless_asked(own: Path) -> None:
    code = (
        "import sys; from plait import Recommender; from plait.service.app import create_app;"
        f"create_app(Recommender.open({str(own)!r}));"
        "print([name for name in sys.modules if name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert told.stdout.strip() == "[]"
