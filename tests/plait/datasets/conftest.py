"""Studio catalogues for the tests: a small one with files, and plans of the usual size without any."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from plait.datasets.listening import Log, listen
from plait.datasets.people import People, gather_people
from plait.datasets.plan import StudioPlan
from plait.datasets.planting import make_debuts, plan_of
from plait.datasets.studio import write_studio
from plait.datasets.works import Works, plan_works


@dataclass(frozen=True)
class Studio:
    """A studio catalogue before anything of it is written."""

    works: Works
    people: People
    log: Log
    plan: StudioPlan

    @property
    def seen(self) -> dict[str, set[str]]:
        known: dict[str, set[str]] = {}
        for user_id, item_id, *_ in self.log.events:
            known.setdefault(user_id, set()).add(item_id)
        return known


def imagine(seed: int, *, items: int = 360, listeners: int = 500) -> Studio:
    works = plan_works(items, np.random.default_rng([seed, 1]))
    people = gather_people(listeners, np.random.default_rng([seed, 2]))
    log = listen(works, people, np.random.default_rng([seed, 3]))
    debuts = make_debuts(people, np.random.default_rng([seed, 4]))
    return Studio(works, people, log, plan_of(works, people, log, bots=[], debuts=debuts))


@pytest.fixture(scope="session")
def studio() -> Studio:
    """Return a catalogue of the usual size, without files."""
    return imagine(11)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StudioPlan]:
    """Return a folder with 48 items and 40 listeners, and its plan. Read only."""
    folder = tmp_path_factory.mktemp("studio") / "new" / "folder"
    return folder, write_studio(folder, items=48, listeners=40)
