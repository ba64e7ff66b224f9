"""Learn: events recorded, items added, changed and removed; the very next answer knows it."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from embedders.items import Strand
from plait.asked_ids import asked_ids
from plait.catalog import ITEM_COLUMNS, BadRows, RowError, item_columns, read_interactions
from plait.counts import Counts, EventTally, ItemTally
from plait.event_weights import event_types
from plait.flows.build import attribute_types, store_items
from plait.flows.ingest import OnError, Progress, accepted, media_reader, overlaid, prepare, skipped, stop_on
from plait.flows.publish import compact_if_due
from plait.live import Live
from plait.stages import stage
from plait.store import Store, StoredItem
from plait.tables import Rows, Table, open_table

COLUMNS = {
    Strand.TEXT: {"title", "description"},
    Strand.IMAGE: {"image"},
    Strand.AUDIO: {"audio"},
}
"""The columns that make the content of a strand."""
TRIES = 3
"""How often contents are encoded before an update whose items others change meanwhile keeps these from writing."""
Guard = Callable[[], None]
"""Called under the write lock, before anything is stored; what it raises leaves all as it was."""

Hear = Callable[[StoredItem], None]
"""Called under the write lock with each item as it is stored now."""


def always() -> None:
    """Guard nothing."""


class KnownItems:
    """The items events may name, looked up as they come: those of the store, removed ones too."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, bool] = {}

    def __contains__(self, item_id: object) -> bool:
        if not isinstance(item_id, str):
            return False
        if item_id not in self._known:
            self.look_up([item_id])
        return self._known[item_id]

    def look_up(self, item_ids: Sequence[str]) -> None:
        """Ask the store once for many items."""
        known = self._store.known_items(item_ids)
        self._known.update((item_id, item_id in known) for item_id in item_ids)


@stage("record")
def record(live: Live, table: Table, *, on_error: OnError = "stop") -> EventTally:
    """Record interactions; they are durable when this returns, and each identity counts once.

    An event further ahead of the clock than `future_seconds` of plait.toml is a bad row. It is not moved to now: what
    makes it the same event, sent again, would move with its time.
    """
    rows = open_table(table, "interactions")
    store = live.workspace.store
    types, known = event_types(live.workspace.config.events), KnownItems(store)
    if isinstance(table, list):
        # One question for a batch, not one for each of its items. What is not printable is refused by its row.
        named = {row.get("item_id") for row in table}
        known.look_up([item_id for item_id in named if isinstance(item_id, str) and item_id.isprintable()])
    # A file says when things happened; what a caller hands over without a time happens now.
    clock = time.time()
    now = None if isinstance(table, str | Path) else clock
    latest = clock + live.workspace.config.events.future_seconds
    errors: list[RowError] = []
    read = read_interactions(rows, event_types=types, known_items=known, now=now, latest=latest)
    events = list(accepted(read, errors))
    stop_on(errors, rows.name, on_error)
    counts = store.record(events)
    return EventTally(counts.accepted, counts.duplicates, len(errors), (*skipped(errors), *counts.notes()))


def add_items(
    live: Live, table: Table, *, media_root: Path | None, on_error: OnError, progress: Progress | None = None,
    guard: Guard = always, hear: Hear | None = None,
) -> Counts:  # fmt: skip
    """Add items, or replace those that are there."""
    rows = open_table(table, "items")
    columns = item_columns(rows)
    return _store(live, rows, columns, media_root, on_error, progress, guard, hear, update=False)


def update_items(
    live: Live, table: Table, *, media_root: Path | None, on_error: OnError, progress: Progress | None = None,
    guard: Guard = always, hear: Hear | None = None,
) -> Counts:  # fmt: skip
    """Change the columns of `table` and leave the others; nothing is encoded unless a content column changed."""
    rows = open_table(table, "items")
    rows.require("item_id")
    _check_joined(rows, live.workspace.config.text.columns)
    own = set(ITEM_COLUMNS)
    columns = [column for column in rows.columns if column not in own]
    return _store(live, rows, columns, media_root, on_error, progress, guard, hear, update=True)


def remove_items(live: Live, item_ids: Sequence[str], *, guard: Guard = always) -> Counts:
    """Remove items; those the catalogue does not have are named in a note. Raises WrongCall for what is no id."""
    asked_ids(item_ids, "item_id")
    known = live.workspace.store.items_by_id(item_ids)
    with live.workspace.store.write() as change:
        guard()
        removed = change.remove_items(item_ids)
    compact_if_due(live)
    missing = [item_id for item_id in item_ids if item_id not in known]
    notes = (f"{len(missing)} not in the catalogue, such as {missing[0]!r}",) if missing else ()
    return Counts(ItemTally(removed=removed), notes=notes)


def _check_joined(rows: Rows, text_columns: Sequence[str]) -> None:
    """Raise BadRows for some without the others of the columns that make one text: the others would be lost from it."""
    joined = ("description", *text_columns)
    given = [column for column in joined if column in rows.columns]
    if given and len(given) < len(joined):
        raise BadRows(
            f"{rows.name}: an update of {', '.join(given)} needs all of {', '.join(joined)}, which plait.toml joins"
        )


def _store(
    live: Live, rows: Rows, columns: Sequence[str], media_root: Path | None, on_error: OnError,
    progress: Progress | None, guard: Guard, hear: Hear | None, *, update: bool,
) -> Counts:  # fmt: skip
    # The encoders may have changed since this process last looked.
    workspace = live.refresh().workspace
    store = workspace.store
    types = attribute_types(workspace, rows, columns)
    # An update types only the columns it brings; the others keep their values.
    given = {name: kind for name, kind in types.items() if not update or name in columns}
    read = media_reader(workspace, rows, given, media_root)
    if update:
        read = overlaid(store, rows, read)
    untouched = [strand for strand in Strand if update and not COLUMNS[strand] & set(rows.columns)]
    for tries_left in reversed(range(TRIES if len(untouched) < len(Strand) else 1)):
        seen = store.sequence()
        prepared = prepare(workspace, rows, read, untouched=untouched, on_error=on_error, progress=progress)
        with store.write() as change:
            guard()
            # What an update encoded holds columns of the items as they were: where others changed these meanwhile it is
            # made again, mostly from the cache; at last while nobody else writes.
            if update and _changed_since(store, seen, rows):
                if tries_left:
                    continue
                prepared = prepare(workspace, rows, read, untouched=untouched, on_error=on_error)
            change.set_attribute_types(types)
            tally = store_items(change, prepared, workspace)
            if hear is not None:
                for stored in prepared.items():
                    hear(stored)
            break
    compact_if_due(live)
    return Counts(tally, prepared.encoded, notes=tuple(skipped(prepared.errors)))


def _changed_since(store: Store, sequence: int, rows: Rows) -> bool:
    """Return whether any of the items of a table was changed or removed after a change of the store."""
    changed = {stored.item.item_id for stored in store.items(after=sequence, include_removed=True)}
    return bool(changed) and any(row.text("item_id") in changed for row in rows)
