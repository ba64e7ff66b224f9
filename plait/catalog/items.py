"""Items out of a table: ids, texts without HTML, checked media, typed attributes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from embedders.items import Item, Strand, several_media
from plait.attributes import AttributeType, parse_time, several
from plait.catalog.reading import Read, Refused, needed, parsed, read_row, typed_values
from plait.html_text import has_html, strip_html
from plait.tables import Row, Rows

TEXTS = ("title", "description")
MEDIA = ("image", "audio")
CONTENT = (*TEXTS, *MEDIA)
ITEM_COLUMNS = ("item_id", *CONTENT, "categories", "created_at")

CheckMedia = Callable[[str, Strand], None]
"""Looks at the header of a medium; raises ValueError with the reason where it cannot be used."""


def item_columns(rows: Rows) -> tuple[str, ...]:
    """Return the attribute columns of an items table. Raises BadData where item_id or all content is missing."""
    rows.require("item_id")
    rows.require(*CONTENT)
    return tuple(column for column in rows.columns if column not in ITEM_COLUMNS)


def read_items(
    rows: Rows,
    types: Mapping[str, AttributeType],
    *,
    media_root: Path,
    check_media: CheckMedia,
    text_columns: Sequence[str] = (),
) -> Iterator[Read[Item]]:
    """Read each row as an item; HTML is taken out of title and description, `|` or a list tells several media.

    `text_columns` are further columns whose text joins the description, each in a line of its own. An id that comes
    twice is refused, the first one stays. A row without any content is an item too: its attributes and events speak.
    """
    reader = _ItemReader(types, media_root.resolve(), check_media, tuple(text_columns))
    for row in rows:
        read = read_row(rows.name, row, reader.read)
        cleaned = tuple(column for column in TEXTS if has_html(row.text(column)))
        yield replace(read, cleaned=cleaned) if cleaned and read.error is None else read


@dataclass(frozen=True, slots=True)
class _ItemReader:
    """Reads rows one after the other; `seen` is where each id stood first."""

    types: Mapping[str, AttributeType]
    root: Path
    check_media: CheckMedia
    text_columns: tuple[str, ...]
    seen: dict[str, str] = field(default_factory=dict)

    def read(self, row: Row) -> Item:
        item_id = needed(row, "item_id")
        first = self.seen.setdefault(item_id, row.place)
        if first != row.place:
            raise Refused("item_id", f"{item_id!r} stands at {first} already")
        created = row.text("created_at")
        return Item(
            item_id,
            title=strip_html(row.text("title")),
            description=_joined_text(row, ("description", *self.text_columns)),
            image=self._media(row, "image", Strand.IMAGE),
            audio=self._media(row, "audio", Strand.AUDIO),
            categories=several(row.cells.get("categories")),
            created_at=parsed("created_at", lambda: parse_time(created)) if created else None,
            attributes=typed_values(row, self.types),
        )

    def _media(self, row: Row, column: str, strand: Strand) -> str:
        paths = (self._medium(text, column, strand) for text in several(row.cells.get(column)))
        return several_media(tuple(dict.fromkeys(paths)))

    def _medium(self, text: str, column: str, strand: Strand) -> str:
        try:
            path = (self.root / text).resolve()
            if not path.is_relative_to(self.root):
                raise Refused(column, f"{text} lies outside the media root")
            if not path.is_file():
                raise Refused(column, f"{text} is absent or no regular file")
        except (OSError, RuntimeError) as error:
            # A name that is too long, a folder that may not be read, links that go round in a circle.
            raise Refused(column, f"{text[:80]} is no path of a file ({error.__class__.__name__})") from error
        parsed(column, lambda: self.check_media(str(path), strand))
        return str(path)


def _joined_text(row: Row, columns: Sequence[str]) -> str:
    texts = (strip_html(row.text(column)) for column in columns)
    return "\n".join(text for text in texts if text)
