"""plait.toml: what a workspace is told by hand; typed, frozen, and unknown keys are refused."""

import json
import secrets
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from embedders.own_encoder import LIBRARIES, Library
from plait.config_template import TEMPLATE
from plait.errors import BadData
from plait.rules.settings import Rules
from plait.scenarios import Scenario, with_scenario
from plait.schedule import ModelsKept, Schedule
from plait.section import Name, Section, Several, complaint
from plait.service_settings import Service
from plait.store_settings import FILE as FILE
from plait.store_settings import StoreSettings, with_store
from plait.stream_settings import Index, Learning


class OwnModel(Section):
    """An encoder of one's own choice, a folder or a name that its library knows."""

    model: Name
    """A folder, or a name such as BAAI/bge-small-en-v1.5 or resnet18.a1_in1k."""
    library: Library | None = None
    """Whose model it is; a folder tells it itself, and names of texts are those of sentence-transformers."""
    revision: str = ""
    """The commit of a name; the main branch as it was fetched unless said."""
    weights: str = ""
    """A file of weights, where `model` is an architecture of timm, torchvision or open_clip."""
    dimension: int = Field(default=0, ge=0)
    """Length of a vector, needed where no file of the model tells it."""
    truncate_dim: int = Field(default=0, ge=0)
    """How many numbers of a longer text vector are kept, for models that were taught to be cut."""
    query_prompt: str | None = None
    """What stands before a text that is asked; the model's own unless said."""
    document_prompt: str | None = None
    """What stands before the text of an item; the model's own unless said."""
    licence: str = "unknown"


def _as_model(value: object) -> object:
    """Return what `text = "FOLDER"` or `text = "LIBRARY:NAME"` stands for."""
    if not isinstance(value, str):
        return value
    library, colon, name = value.partition(":")
    if colon and library in LIBRARIES:
        return {"library": library, "model": name}
    return {"model": value} if value else None


Own = Annotated[OwnModel | None, BeforeValidator(_as_model)]


class Encoders(Section):
    """Which encoders make the vectors; where they change, `plait build --reencode` makes all vectors anew."""

    bundle: Name = "compact"
    """A named set of encoders."""
    text: Own = None
    """A text model of one's own in place of the bundle's."""
    image: Own = None
    """A picture model of one's own in place of the bundle's."""
    audio: Own = None
    """A sound model of one's own in place of the bundle's."""
    sound_pooling: str = ""
    """A file of `scripts/bench_pooling.py --save`: a GRU with attention over the frames of the bundle's sounds."""


class Text(Section):
    """What the text strand is made of."""

    columns: Several[Name] = ()
    """Columns whose text joins title and description."""


class Media(Section):
    """What a picture or sound may cost; larger ones are refused."""

    max_bytes: int = Field(default=100_000_000, gt=0)
    max_pixels: int = Field(default=50_000_000, gt=0)
    max_side: int = Field(default=20_000, gt=0)
    max_seconds: float = Field(default=7_200.0, gt=0)


class Events(Section):
    """How much an event says for the item, against it where negative."""

    weights: Mapping[Name, float] = Field(default_factory=dict)
    """Weights of own event types, or other weights of built-in ones."""
    rating_neutral: float = 3.0
    """A rating that says nothing; 1 above it weighs half a like."""
    rating_scale: float = Field(default=0.5, gt=0)
    """Weight of one step of rating."""
    rating_positive: float = 4.0
    """From here a rating counts as liking when recommendations are judged."""
    future_seconds: float = Field(default=300.0, ge=0)
    """How far ahead of this machine's clock an event may be that is recorded; one further ahead is refused."""
    rewards: Mapping[Name, float] = Field(default_factory=dict)
    """What an answer to a slate is worth, by event type; its weight unless said."""


DiversityMethod = Literal["mmr", "dpp", "calibrated"]


class Recommend(Section):
    """How histories are read, and how lists are made."""

    history: int = Field(default=1_000, ge=1)
    """How many of a user's last events are read for an answer."""
    diversity: float = Field(default=0.0, ge=0, le=1)
    """How much the items of a list are to differ, where a call does not say."""
    diversity_method: DiversityMethod = "dpp"
    """From what they are to differ: from each other (mmr, dpp), or from the user's mix of categories (calibrated)."""


ExplorationMethod = Literal["off", "epsilon", "thompson"]


class Exploration(Section):
    """Places of a list that are for new items, where a call logs what it shows."""

    method: ExplorationMethod = "off"
    """How they are filled: all new items alike (epsilon), or by what is believed of their click rates (thompson)."""
    every: int = Field(default=5, ge=1)
    """One place of so many, the last, is for new items."""
    share: float = Field(default=0.25, ge=0, le=1)
    """How often such a place shows a new item; otherwise it shows what is ranked there."""
    new_below: int = Field(default=100, ge=1)
    """An item is new that has been shown or come upon fewer times, and"""
    new_days: float = Field(default=0.0, ge=0)
    """that is younger, by created_at; of any age where 0."""


class Config(Section):
    """All of plait.toml."""

    scenario: Scenario = ""
    """Whose settings count where the file does not say others."""
    encoders: Encoders = Encoders()
    text: Text = Text()
    media: Media = Media()
    events: Events = Events()
    recommend: Recommend = Recommend()
    exploration: Exploration = Exploration()
    learning: Learning = Learning()
    index: Index = Index()
    rules: Rules = Rules()
    schedule: Schedule = Schedule()
    models: ModelsKept = ModelsKept()
    service: Service = Service()
    store: StoreSettings = StoreSettings()


def default_config(bundle: str | None = None, store: StoreSettings | None = None) -> str:
    """Return an annotated plait.toml in which all but the bundle and the place of the store has its default."""
    text = TEMPLATE.format(bundle=json.dumps(bundle or Encoders().bundle))
    return with_store(text, store) if store is not None and store.url else text


def write_default_config(workspace: Path, *, bundle: str | None = None, store: StoreSettings | None = None) -> None:
    """Write the plait.toml of `default_config`, whole or not at all, also where another process does the same."""
    fresh = workspace / f"{FILE}.{secrets.token_hex(4)}.new"
    fresh.write_text(default_config(bundle, store), encoding="utf-8")
    fresh.replace(workspace / FILE)


def read_config(workspace: Path) -> Config:
    """Read plait.toml, all defaults where it is absent. Raises BadData in one line that names file, key and need."""
    path = workspace / FILE
    if not path.is_file():
        return Config()
    try:
        return Config.model_validate(with_scenario(tomllib.loads(path.read_text(encoding="utf-8-sig"))))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadData(f"{path}: no TOML ({error})") from error
    except ValidationError as error:
        raise BadData(f"{path}, {_complaint(error)}") from error


def _complaint(error: ValidationError) -> str:
    found = error.errors()
    # A key misspelt says more than the key that is lacking for it.
    misspelt = next((one for one in found if one["type"] == "extra_forbidden"), None)
    if misspelt is None:
        return f"key {complaint(error)}"
    *sections, key = [str(part) for part in misspelt["loc"]]
    known = ", ".join(field.alias or name for name, field in _section_at(sections).model_fields.items())
    return f"key {'.'.join([*sections, key])} is not known; expected one of {known}"


def _section_at(path: list[str]) -> type[BaseModel]:
    """Return the section that keys lead to, places in a list passed over."""
    section: type[BaseModel] = Config
    for key in path:
        if key in section.model_fields:
            section = next(_sections_in(section.model_fields[key].annotation), section)
    return section


def _sections_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Iterate over the sections that a type is or names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _sections_in(part)
