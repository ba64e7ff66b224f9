"""Spans: one a request with its stages beneath, by OpenTelemetry; imported only where somebody asks for it."""

import os

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plait.service.http_layer import HttpLayer
from plait.service.logs import route_of
from plait.service.metrics import known_method
from plait.stages import Lap, listening

PATH = "/v1/traces"


class Spans:
    """Sends spans from a thread of its own, to an address or to where the variables of OpenTelemetry say."""

    def __init__(self, address: str) -> None:
        # Who says nothing else is called plait: a given name would win over the variables.
        told = "OTEL_SERVICE_NAME" in os.environ or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
        named = {} if told else {"service.name": "plait"}
        self._provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=address.rstrip("/") + PATH) if address else OTLPSpanExporter()
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self.tracer = self._provider.get_tracer("plait")

    def close(self) -> None:
        """Send what is left, and end."""
        self._provider.shutdown()


class Traced(HttpLayer):
    """Makes a span of each request, which goes on with the caller's trace, and one of each stage beneath.

    They hold the method, the route's template and the status; never ids, queries or bodies.
    """

    def __init__(self, app: ASGIApp, spans: Spans) -> None:
        super().__init__(app)
        self._tracer = spans.tracer
        self._propagator = TraceContextTextMapPropagator()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        method = known_method(scope["method"])
        given = self._propagator.extract(dict(Headers(scope=scope)))
        span = self._tracer.start_span(method, given, SpanKind.SERVER, {"http.request.method": method})
        under = trace.set_span_in_context(span, given)
        state = scope.setdefault("state", {})
        state["trace_id"] = trace.format_trace_id(span.get_span_context().trace_id)

        def heard(lap: Lap) -> None:
            stage = self._tracer.start_span(lap.stage, under, start_time=lap.began)
            stage.end(lap.began + int(lap.seconds * 1e9))

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                span.set_attribute("http.response.status_code", message["status"])
                if message["status"] >= 500:
                    span.set_status(Status(StatusCode.ERROR))
            await send(message)

        try:
            with listening(heard):
                await self._app(scope, receive, watched)
        finally:
            route = route_of(scope)
            span.update_name(f"{method} {route}")
            span.set_attribute("http.route", route)
            span.set_attribute("plait.request_id", str(state.get("request_id", "")))
            span.end()
