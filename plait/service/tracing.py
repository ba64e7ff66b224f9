"""Tracing: whether spans are sent. Nothing is, and nothing that could is loaded, unless somebody asks."""

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

from plait.errors import WrongCall
from plait.service_settings import Service

if TYPE_CHECKING:
    from plait.service.spans import Spans

VARIABLES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
NEEDED = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")


def is_traced(settings: Service) -> bool:
    """Return whether plait.toml or a variable of OpenTelemetry says where spans go, and none says that they do not."""
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or os.environ.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    return bool(settings.tracing or any(os.environ.get(name) for name in VARIABLES))


def check_tracing(settings: Service) -> None:
    """Raise WrongCall where spans are asked for and cannot be made."""
    if is_traced(settings) and not all(map(_is_there, NEEDED)):
        asked = "[service] tracing of plait.toml" if settings.tracing else "an OTEL_ variable"
        raise WrongCall(f"{asked} asks for traces, and OpenTelemetry is not installed: pip install 'plait[tracing]'")


def spans_of(settings: Service) -> "Spans | None":
    """Return what sends spans, None where nobody asks. Raises WrongCall where they cannot be made."""
    if not is_traced(settings):
        return None
    check_tracing(settings)
    from plait.service.spans import Spans

    return Spans(settings.tracing)


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ModuleNotFoundError, ValueError):
        return False
