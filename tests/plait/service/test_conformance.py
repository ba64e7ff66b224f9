"""The service beside its OpenAPI: generated requests, wanted and unwanted, find no status that is not documented."""

from collections import Counter
from pathlib import Path

import pytest
import schemathesis
from fastapi import FastAPI
from schemathesis import GenerationMode

from plait import Recommender
from plait.service.app import create_app
from tests.plait.service.conforming import failures_of

pytestmark = [pytest.mark.system, pytest.mark.filterwarnings("default")]
EXAMPLES = 30
"""Cases of each kind for each of the routes."""


@pytest.fixture
def app(own: Path) -> FastAPI:
    """Return the service of a workspace that is written to."""
    return create_app(Recommender.open(own))


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_route(app: FastAPI, mode: GenerationMode) -> None:
    done: Counter[str] = Counter()
    failures = failures_of(schemathesis.openapi.from_asgi("/openapi.json", app), mode, done, examples=EXAMPLES)
    assert not failures, "\n\n".join(failures)
    assert done.total() >= 250
