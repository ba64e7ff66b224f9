"""The plan of a studio catalogue: everything that was planted, kept beside the files as plan.json."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "plan.json"
PAIRS = ("series", "bundles", "friends", "queries")


@dataclass(frozen=True, slots=True)
class Debut:
    """A new item that stands in no file; `audience` are the listeners whom it would please."""

    family: str
    traits: Sequence[float]
    description: str
    audience: Sequence[str]


@dataclass(frozen=True, slots=True)
class StudioPlan:
    """What was planted; families are names, moments in Unix seconds, shares sum to 1.

    By item: `families`; `told`, `shown` and `heard`, the family whose words, cover and sound it really has (only of
    the strands it has); `traits`, pace and light; `popularity`. By listener: `tastes`, one share a family, as they are
    at the end; `leanings` towards the traits; `communities`; `hidden`, the next liked item, which stands in no file,
    and `hidden_at`; `pending`, what pleased last where something follows from it. `series` and `bundles` are pairs
    (first, then); `seasonal` items belong to one month; `friends` are edges; `bots` are users who are none;
    `picture_only` and `sound_only` items have no words; `queries` are (words, family); `debuts` are new items.
    """

    families: Mapping[str, str]
    told: Mapping[str, str]
    shown: Mapping[str, str]
    heard: Mapping[str, str]
    traits: Mapping[str, Sequence[float]]
    popularity: Mapping[str, float]
    tastes: Mapping[str, Sequence[float]]
    leanings: Mapping[str, Sequence[float]]
    communities: Mapping[str, int]
    drifters: Sequence[str]
    hidden: Mapping[str, str]
    hidden_at: Mapping[str, int]
    pending: Mapping[str, str]
    series: Sequence[tuple[str, str]]
    bundles: Sequence[tuple[str, str]]
    seasonal: Sequence[str]
    friends: Sequence[tuple[str, str]]
    bots: Sequence[str]
    picture_only: Sequence[str]
    sound_only: Sequence[str]
    queries: Sequence[tuple[str, str]]
    debuts: Mapping[str, Debut]


def write_plan(plan: StudioPlan, folder: Path) -> None:
    """Write plan.json into `folder`."""
    (folder / FILE).write_text(json.dumps(asdict(plan), indent=1), encoding="utf-8")


def read_plan(folder: Path) -> StudioPlan:
    """Return the plan in `folder`. Raises FileNotFoundError where no catalogue was written."""
    told = json.loads((folder / FILE).read_text(encoding="utf-8"))
    debuts = {name: Debut(**debut) for name, debut in told.pop("debuts").items()}
    for name in PAIRS:
        told[name] = [tuple(pair) for pair in told[name]]
    return StudioPlan(**told, debuts=debuts)
