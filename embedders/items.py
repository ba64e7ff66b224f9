"""Item, the thing that is woven, and Strand, what it is woven from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

AttributeValue = str | float | tuple[str, ...]
"""A typed attribute: a category (str), a number or a date in Unix seconds (float), several values (tuple)."""


class Strand(StrEnum):
    """One kind of content; the order here is the order of blocks in the fused vector."""

    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"


def several_media(paths: Sequence[str]) -> str:
    """Return media as one content: "" for none, the path itself of one, a JSON list of the paths of several."""
    return json.dumps(list(paths), ensure_ascii=False) if len(paths) > 1 else "".join(paths)


def media_paths(content: str) -> tuple[str, ...]:
    """Return the paths that `several_media` made one content of. An absolute path is never such a list."""
    if content.startswith('["') and content.endswith('"]'):
        return tuple(str(path) for path in json.loads(content))
    return (content,) if content else ()


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the catalogue, read and checked.

    `image` and `audio` are absolute paths ("" where the item has none), several as `several_media` joins them;
    `created_at` is in Unix seconds.
    Categories and attributes are inputs of filters and of the ranker, never of the text strand.
    """

    item_id: str
    title: str = ""
    description: str = ""
    image: str = ""
    audio: str = ""
    categories: tuple[str, ...] = ()
    created_at: float | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Title and description joined by a line break: the content of the text strand."""
        return "\n".join(part for part in (self.title, self.description) if part)

    def content(self, strand: Strand) -> str:
        """Return what the encoder of `strand` reads: the text itself, or media (see `media_paths`); "" for none."""
        match strand:
            case Strand.TEXT:
                return self.text
            case Strand.IMAGE:
                return self.image
            case Strand.AUDIO:
                return self.audio
