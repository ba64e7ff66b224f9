"""A fresh store of every kind; a further kind joins the contract by one entry of OPENERS."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plait.store import Store

Opener = Callable[[Path], Store]


def sqlite(folder: Path) -> Store:
    """Open the SQLite store in a folder, made by the first call."""
    path = folder / "store.db"
    return Store.open(path) if path.exists() else Store.create(path)


OPENERS: dict[str, Opener] = {"sqlite": sqlite}


@pytest.fixture(params=sorted(OPENERS))
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Return what opens one and the same store again and again; all are closed at the end."""
    stores: list[Store] = []

    def again() -> Store:
        stores.append(OPENERS[request.param](tmp_path))
        return stores[-1]

    yield again
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    """Return an empty store."""
    return opened()
