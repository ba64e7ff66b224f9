"""A fresh store of every kind; a further kind joins the contract by one entry of KINDS."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from plait.store import Store
from plait.store.places import Place

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.system)]


@pytest.fixture(params=KINDS)
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Place]:
    """Return what gives the place of a store that is not there yet, another one each time."""
    if request.param == "postgresql":
        place: Callable[[], Place] = request.getfixturevalue("postgresql").url
        return place
    numbers = count()
    return lambda: tmp_path / f"store-{next(numbers)}.db"


@pytest.fixture
def opened(fresh: Callable[[], Place]) -> Iterator[Callable[[], Store]]:
    """Return what opens one and the same store again and again; all are closed at the end."""
    place, stores = fresh(), list[Store]()

    def again() -> Store:
        stores.append(Store.open(place) if stores else Store.create(place))
        return stores[-1]

    yield again
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    """Return an empty store."""
    return opened()
