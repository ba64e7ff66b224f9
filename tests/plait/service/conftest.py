"""A service in this process, over the toy workspace whose texts have own vectors: no encoder is loaded."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from plait import Recommender
from plait.service import readings
from plait.service.app import create_app
from tests.copying import copied


def client_of(recommender: Recommender) -> TestClient:
    """Return a client of a workspace's service that begins and ends with a `with` block."""
    return TestClient(create_app(recommender), raise_server_exceptions=False)


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for doors and workspaces of tenants as long as it takes: the machine may be busy."""
    monkeypatch.setattr(readings, "WAIT_SECONDS", 600.0)


@pytest.fixture
def recommender(own: Path) -> Recommender:
    """Return the recommender that the service answers with."""
    return Recommender.open(own)


@pytest.fixture
def client(recommender: Recommender) -> Iterator[TestClient]:
    """Return a client of the service."""
    with client_of(recommender) as found:
        yield found


@pytest.fixture(scope="session")
def reader(own_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a service that is only read from; what it notes of that stays in a workspace of its own."""
    folder = copied(own_once, tmp_path_factory.mktemp("reader") / "workspace")
    with client_of(Recommender.open(folder)) as found:
        yield found
