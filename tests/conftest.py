import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from embedders import text

if TYPE_CHECKING:
    from tests.postgresql_server import Server


# A busy machine may hold up any one example. Every run asks the same ones, so that none fails by chance;
# HYPOTHESIS_PROFILE=search asks others each time.
settings.register_profile("plait", deadline=None, derandomize=True, database=None)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "plait"))


@pytest.fixture(autouse=True, scope="session")
def _exact() -> Iterator[None]:
    """Let texts be multiplied in float32 on every processor, so that tests can ask for exact rows.

    For the whole session, since an encoder that a fixture of a module loads stays.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "has_bfloat16", lambda: False)
        yield


@pytest.fixture(scope="session")
def postgresql() -> "Iterator[Server]":
    """Return a PostgreSQL server; with CI=true it must be there."""
    from tests.postgresql_server import Server, binary

    if binary("postgres") is None and os.environ.get("CI") != "true":
        pytest.skip("needs the server of PostgreSQL (postgres, initdb)")
    server = Server()
    yield server
    server.remove()
