"""plait.toml: what a workspace is told by hand; typed, frozen, and unknown keys are refused."""

import json
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from embedders.own_encoder import LIBRARIES, Library
from plait.errors import BadData
from plait.scenarios import Scenario, with_scenario

FILE = "plait.toml"

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class OwnModel(_Section):
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


class Encoders(_Section):
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


class Text(_Section):
    """What the text strand is made of."""

    columns: tuple[Name, ...] = ()
    """Columns whose text joins title and description."""


class Media(_Section):
    """What a picture or sound may cost; larger ones are refused."""

    max_bytes: int = Field(default=100_000_000, gt=0)
    max_pixels: int = Field(default=50_000_000, gt=0)
    max_side: int = Field(default=20_000, gt=0)
    max_seconds: float = Field(default=7_200.0, gt=0)


class Events(_Section):
    """How much an event says for the item, against it where negative."""

    weights: Mapping[Name, float] = Field(default_factory=dict)
    """Weights of own event types, or other weights of built-in ones."""
    rating_neutral: float = 3.0
    """A rating that says nothing; 1 above it weighs half a like."""
    rating_scale: float = Field(default=0.5, gt=0)
    """Weight of one step of rating."""
    rating_positive: float = 4.0
    """From here a rating counts as liking when recommendations are judged."""


DiversityMethod = Literal["mmr", "dpp", "calibrated"]


class Recommend(_Section):
    """How histories are read, and how lists are made."""

    history: int = Field(default=1_000, ge=1)
    """How many of a user's last events are read for an answer."""
    diversity: float = Field(default=0.0, ge=0, le=1)
    """How much the items of a list are to differ, where a call does not say."""
    diversity_method: DiversityMethod = "dpp"
    """From what they are to differ: from each other (mmr, dpp), or from the user's mix of categories (calibrated)."""


class Config(_Section):
    """All of plait.toml."""

    scenario: Scenario = ""
    """Whose settings count where the file does not say others."""
    encoders: Encoders = Encoders()
    text: Text = Text()
    media: Media = Media()
    events: Events = Events()
    recommend: Recommend = Recommend()


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

[media]
# max_bytes = 100000000
# max_pixels = 50000000
# max_side = 20000
# max_seconds = 7200

[recommend]
# history = 1000          # how many of a user's last events are read for an answer
# diversity = 0.0         # how much the items of a list are to differ, 0 to 1, where a call does not say
# diversity_method = "dpp"  # or "mmr", or "calibrated" to a user's mix of categories
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
        section = type(getattr(Config(), sections[0])) if sections else Config
        known = ", ".join((section if len(sections) < 2 else OwnModel).model_fields)
        return f"key {'.'.join([*sections, key])} is not known; expected one of {known}"
    return f"key {'.'.join([*sections, key])} is {first['input']!r:.80}: {first['msg']}"
