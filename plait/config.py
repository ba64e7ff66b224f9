"""plait.toml: what a workspace is told by hand; typed, frozen, and unknown keys are refused."""

import json
import secrets
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from embedders.own_encoder import LIBRARIES, Library
from plait.errors import BadData
from plait.rules.settings import Rules
from plait.scenarios import Scenario, with_scenario
from plait.section import Name, Section

FILE = "plait.toml"


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
    """Which encoders make the vectors; changing them needs a new workspace."""

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

    columns: tuple[Name, ...] = ()
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
    rules: Rules = Rules()


TEMPLATE = """\
# Plait's settings for this workspace. What is not said here has its default; unknown keys are refused.

# Settings for a kind of service, which count where nothing else is said below: "shop", "video", "music" or "social"
# scenario = ""

[encoders]
# The named set of encoders. It is fixed when the workspace is made.
bundle = {bundle}
# Models of one's own in place of the bundle's: a folder, "LIBRARY:NAME" with one of sentence-transformers,
# transformers, timm, torchvision, open_clip, or a table such as {{ model = "resnet18.a1_in1k", library = "timm" }}
# text = ""
# image = ""
# audio = ""
# sound_pooling = ""      # a file that `python -m scripts.bench_pooling ... --save FILE` wrote

[text]
# columns = []            # columns whose text joins title and description; a change counts from the next build

[events]
# Own event types with their weights, or other weights for built-in ones: 0 says nothing, below 0 speaks against;
# such as weights = {{ listen = 0.5, refund = -1.0 }}
# weights = {{}}
# rating_neutral = 3.0    # a rating that says nothing
# rating_scale = 0.5      # weight of one step of rating
# rating_positive = 4.0   # from here a rating counts as liking
# future_seconds = 300.0  # how far ahead of the clock an event may be that is recorded
# rewards = {{}}            # what an answer to a slate is worth, by event type; its weight unless said

[media]
# max_bytes = 100000000
# max_pixels = 50000000
# max_side = 20000
# max_seconds = 7200

[recommend]
# history = 1000          # how many of a user's last events are read for an answer
# diversity = 0.0         # how much the items of a list are to differ, 0 to 1, where a call does not say
# diversity_method = "dpp"  # or "mmr", or "calibrated" to a user's mix of categories

[exploration]             # places for new items, where a call logs what it shows
# method = "off"          # or "epsilon", all new items alike, or "thompson", by what is believed of their click rates
# every = 5               # one place of so many, the last, is for new items
# share = 0.25            # how often such a place shows one
# new_below = 100         # an item is new that has been shown or come upon fewer times,
# new_days = 0            # and that is younger, by created_at; of any age where 0

[rules]
# What is done to every list of recommendations; docs/lists.md has the order in which it is done.
# require = ""            # an expression as of --where that every item must pass, such as "stock > 0"
# exclude = []            # ids of items that are never shown
# bought_once = false     # what a user bought is left out for ever, also with --include-seen
# consumable = {{}}         # categories of which a bought item comes back, and after how many days: {{ ink = 30 }}
# max_per = {{}}            # at most so many items of a list share a value: {{ maker = 3 }}
# group_by = ""           # one item a value of this attribute
# Exact places, for an item or for the best one that passes `where`; `from` and `until` are dates:
# [{{ place = 1, item = "item-3", from = 2026-12-01, until = 2026-12-27 }}, {{ place = 2, where = "maker = 'us'" }}]
# pins = []
# What is added to the logit of items that pass, dated likewise: [{{ where = "margin > 0.3", by = 0.5 }}]
# boosts = []
# Each showing that nothing came of lowers the logit by `lowers`, over `days` ever less; an item shown `impressions`
# times within `days` stands behind all others until it was not; 0 is no such rule
# fatigue = {{ impressions = 0, days = 14.0, lowers = 0.1 }}
# At least `items` of the first `of` are younger than `days`; 0 is no such rule
# fresh = {{ items = 0, of = 10, days = 30.0 }}
# How much a click, a minute of dwelling, a purchase, and each unit of `attribute` (or of the value of the event) that
# a purchase brings are worth; `strength` 0 to 1 is how far worth counts beside taste
# objective = {{ click = 0.0, dwell = 0.0, purchase = 0.0, value = 0.0, attribute = "", strength = 1.0 }}
"""


def default_config(bundle: str | None = None) -> str:
    """Return an annotated plait.toml in which all but the bundle has its default."""
    return TEMPLATE.format(bundle=json.dumps(bundle or Encoders().bundle))


def write_default_config(workspace: Path, *, bundle: str | None = None) -> None:
    """Write the plait.toml of `default_config`, whole or not at all, also where another process does the same."""
    fresh = workspace / f"{FILE}.{secrets.token_hex(4)}.new"
    fresh.write_text(default_config(bundle), encoding="utf-8")
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
    first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
    *sections, key = [str(part) for part in first["loc"]]
    if first["type"] == "extra_forbidden":
        known = ", ".join(field.alias or name for name, field in _section_at(sections).model_fields.items())
        return f"key {'.'.join([*sections, key])} is not known; expected one of {known}"
    return f"key {'.'.join([*sections, key])} is {first['input']!r:.80}: {first['msg']}"


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
