"""Ingest: rows are read and checked, contents encoded, then all stored at once; what build, add and update share."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Literal, TypeVar

from embedders.encoding import encode_cached
from embedders.items import Item, Strand
from embedders.media import MediaError, check_media
from plait.attributes import AttributeType
from plait.catalog import BadRows, Read, RowError, read_items
from plait.own_vectors import OwnVectors, vector_hash
from plait.store import Store, StoredItem
from plait.tables import Rows
from plait.workspace import Workspace

T = TypeVar("T")
OnError = Literal["stop", "skip"]
Progress = Callable[[int, int], None]
"""Called with how many contents are done, and of how many (0 where that is not known)."""
ReadItems = Callable[[], Iterator[Read[Item]]]

SHOWN_ERRORS = 20
CHUNK = 512
"""Items held in memory at once."""


@dataclass(slots=True)
class Prepared:
    """Items that were checked and encoded, ready to be stored.

    `hashes` by item id and strand; `cleaned` counts texts that held HTML;
    `refused` are the places of rows left out, `errors` say why.
    """

    read: ReadItems
    hashes: dict[str, dict[Strand, str]] = field(default_factory=dict)
    encoded: dict[Strand, int] = field(default_factory=dict)
    cleaned: int = 0
    refused: set[str] = field(default_factory=set)
    errors: list[RowError] = field(default_factory=list)

    def refuse(self, error: RowError) -> None:
        """Leave a row out."""
        self.refused.add(error.place)
        self.errors.append(error)

    def items(self) -> Iterator[StoredItem]:
        """Iterate over the items that were not refused."""
        for row in self.read():
            if row.value is not None and row.place not in self.refused:
                yield StoredItem(row.value, self.hashes.get(row.value.item_id, {}))


def media_reader(workspace: Workspace, rows: Rows, types: Mapping[str, AttributeType], root: Path | None) -> ReadItems:
    """Return what reads the rows as items with media under `root`, by default the table's folder."""
    limits = workspace.media_limits

    def check(path: str, strand: Strand) -> None:
        try:
            check_media(path, strand, limits)
        except MediaError as error:
            raise ValueError(str(error)) from error

    columns = workspace.config.text.columns
    return lambda: read_items(rows, types, media_root=root or rows.folder, check_media=check, text_columns=columns)


def prepare(
    workspace: Workspace,
    rows: Rows,
    read: ReadItems,
    *,
    own: Sequence[OwnVectors] = (),
    untouched: Sequence[Strand] = (),
    on_error: OnError,
    progress: Progress | None = None,
) -> Prepared:
    """Check every row, then encode what is new into the cache; nothing is stored yet.

    Items keep the vectors they have in the strands that are `untouched`. Raises BadData, naming the rows, when one is
    bad and `on_error` is "stop". That the index has the encoders of `workspace` is the caller's to see.
    """
    prepared = _checked(read, own)
    stop_on(prepared.errors, rows.name, on_error)
    done = 0

    def advance(number: int) -> None:
        nonlocal done
        done += number
        if progress is not None:
            progress(done, 0)

    kept = ((number, row) for number, row in enumerate(read()) if row.place not in prepared.refused)
    for chunk in _chunks(kept):
        items = [row.value for _, row in chunk if row.value is not None]
        places = [row.place for _, row in chunk]
        for vectors in own:
            _keep_own(workspace, prepared, vectors, items, [number for number, _ in chunk])
        for strand in Strand:
            if strand in untouched:
                _keep_stored(workspace.store, prepared, strand, items)
            elif all(vectors.strand is not strand for vectors in own):
                _encode(workspace, prepared, rows.name, strand, items, places, advance)
    stop_on(prepared.errors, rows.name, on_error)
    return prepared


def _checked(read: ReadItems, own: Sequence[OwnVectors]) -> Prepared:
    """Read every row once, and see that own vectors are as many."""
    prepared = Prepared(read)
    count = 0
    for row in read():
        count += 1
        prepared.cleaned += len(row.cleaned)
        if row.error is not None:
            prepared.refuse(row.error)
    for vectors in own:
        vectors.check_count(count)
    return prepared


def stop_on(errors: Sequence[RowError], name: str, on_error: OnError, *, so: str = "nothing was stored") -> None:
    """Raise BadRows that lists the errors and says what follows, unless rows are to be skipped."""
    if errors and on_error == "stop":
        if len(errors) == 1:
            raise BadRows(f"{errors[0]}; {so}", errors)
        raise BadRows(f"{name}: {len(errors)} bad rows, the first: {errors[0]}; {so}", errors)


def skipped(errors: Sequence[RowError]) -> list[str]:
    """Return a note for each row that was left out; of many, for the first and one that counts the others."""
    notes = [str(error) for error in errors[:SHOWN_ERRORS]]
    return notes + ([f"and {len(errors) - SHOWN_ERRORS} more rows left out"] if len(errors) > SHOWN_ERRORS else [])


def accepted(read: Iterable[Read[T]], errors: list[RowError]) -> Iterator[T]:
    """Iterate over the values of the rows that could be read; add the errors of the others to `errors`."""
    for row in read:
        if row.error is not None:
            errors.append(row.error)
        elif row.value is not None:
            yield row.value


def _encode(
    workspace: Workspace, prepared: Prepared, name: str, strand: Strand, items: Sequence[Item],
    places: Sequence[str], advance: Callable[[int], None],
) -> None:  # fmt: skip
    contents = [item.content(strand) for item in items]
    if not any(contents):
        return

    def refuse(place: int, error: MediaError) -> None:
        prepared.refuse(RowError(name, places[place], strand.value, str(error)))

    encoded = encode_cached(
        workspace.encoder(strand), contents, workspace.cache, progress=advance, on_media_error=refuse
    )
    prepared.encoded[strand] = prepared.encoded.get(strand, 0) + encoded.encoded
    for item, digest in zip(items, encoded.hashes, strict=True):
        if digest:
            prepared.hashes.setdefault(item.item_id, {})[strand] = digest


def _keep_stored(store: Store, prepared: Prepared, strand: Strand, items: Sequence[Item]) -> None:
    for item_id, stored in store.items_by_id([item.item_id for item in items]).items():
        if strand in stored.hashes:
            prepared.hashes.setdefault(item_id, {})[strand] = stored.hashes[strand]


def _keep_own(
    workspace: Workspace, prepared: Prepared, own: OwnVectors, items: Sequence[Item], numbers: Sequence[int]
) -> None:
    kept = {}
    for item, row in zip(items, own.rows_for([item.item_id for item in items], numbers), strict=True):
        if row is not None:
            digest = vector_hash(row)
            kept[digest] = row
            prepared.hashes.setdefault(item.item_id, {})[own.strand] = digest
    workspace.cache.put(own.fingerprint, kept)


def overlaid(store: Store, rows: Rows, read: ReadItems) -> ReadItems:
    """Return what reads items with only the columns of `rows` changed; an unknown id is an error."""

    def overlay() -> Iterator[Read[Item]]:
        for chunk in _chunks(read()):
            stored = store.items_by_id([row.value.item_id for row in chunk if row.value is not None])
            for row in chunk:
                if row.value is None:
                    yield row
                elif row.value.item_id not in stored:
                    reason = f"{row.value.item_id!r} is no item of the store"
                    yield Read(row.place, error=RowError(rows.name, row.place, "item_id", reason))
                else:
                    yield Read(row.place, _merged(stored[row.value.item_id].item, row.value, rows.columns))

    return overlay


def _merged(old: Item, new: Item, columns: Sequence[str]) -> Item:
    own = ("title", "description", "image", "audio", "categories", "created_at")
    changed = {name: getattr(new, name) for name in own if name in columns}
    attributes = {name: value for name, value in old.attributes.items() if name not in columns}
    return replace(old, **changed, attributes={**attributes, **new.attributes})


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
