"""Build: a catalogue and its log are read, checked, encoded and stored; alignment is learnt; an index published."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from embedders.media import MediaError
from plait import snapshot
from plait.attributes import AttributeType, infer_types, merge_types
from plait.catalog import RowError, ignored_columns, item_columns, read_interactions, read_relations, read_users
from plait.counts import Counts, EventTally, ItemTally
from plait.event_weights import event_types
from plait.first_settings import first_settings
from plait.flows.duplicates import duplicate_note
from plait.flows.ingest import OnError, Prepared, Progress, accepted, media_reader, prepare, skipped, stop_on
from plait.flows.publish import LOST_MEDIA, learn_and_publish
from plait.own_vectors import OwnVectors, read_own_vectors
from plait.raw_vectors import Again
from plait.store import Change
from plait.tables import Rows, Table, open_table
from plait.workspace import Machine, Workspace


def build(
    folder: Path,
    *,
    items: Table,
    interactions: Table | None = None,
    users: Table | None = None,
    relations: Table | None = None,
    vectors: Mapping[str, Path] | None = None,
    media_root: Path | None = None,
    bundle: str | None = None,
    store: str | None = None,
    prune: bool = False,
    on_error: OnError = "stop",
    seed: int = 0,
    machine: Machine | None = None,
    progress: Progress | None = None,
) -> Counts:
    """Build a workspace in `folder`, or bring the one there up to date; the same input changes nothing.

    Nothing is stored before every row was read and every content encoded. Raises BadData, WrongCall.
    """
    tables = [None if t is None else open_table(t, n) for t, n in ((items, "items"), (interactions, "interactions"),
              (users, "users"), (relations, "relations"))]  # fmt: skip
    rows, log, people, graph = tables
    assert rows is not None
    columns = item_columns(rows)
    own = [read_own_vectors(name, path) for name, path in (vectors or {}).items()]
    workspace = Workspace.create(folder, bundle=bundle, machine=machine, store=store)
    with workspace.publishing() as fence, first_settings(workspace, bundle):
        for given in own:
            workspace.use_own(given.strand, given.fingerprint, given.vectors.shape[1])
        _check_encoders(workspace)
        types = attribute_types(workspace, rows, columns)
        read = media_reader(workspace, rows, types, media_root)
        _check_log(workspace, rows, log, on_error)
        prepared = prepare(workspace, rows, read, own=own, on_error=on_error, progress=progress)
        with workspace.store.write() as change:
            change.set_attribute_types(types)
            change.set_meta(workspace.own)
            nameless = sum(bool(row.problem) for row in rows) if prune else 0
            tally = store_items(change, prepared, workspace, prune=rows if prune and not nameless else None)
            out: list[RowError] = []
            events = _store_log(workspace, change, log, prepared, out) if log is not None else EventTally()
            _store_people(change, people, graph, on_error, out)
        notes = [*skipped(out), *table_notes(prepared, log), *_own_notes(rows, own)]
        if nameless:
            notes.append(f"nothing was pruned: of {nameless} rows it cannot be read which items they are of")
        again = Again()
        if _is_behind(workspace):
            chosen = learn_and_publish(workspace, seed=seed, fence=fence, again=again)
            notes += [f"{name} {value:.3g}" for name, value in chosen.items() if name.endswith(".gain")]
            notes += duplicate_note(workspace) + _outdated_model(workspace) + gone_media(again.lost)
    encoded = Counter(prepared.encoded)
    encoded.update(again.encoded)
    return Counts(tally, encoded, events, (*skipped(prepared.errors), *notes))


def _check_encoders(workspace: Workspace) -> None:
    """Raise BadData where the index was built with other encoders, unless they are an earlier version of these."""
    published = snapshot.current(workspace.index_folder)
    workspace.check_encoders({} if published is None else published.encoders, anew=True)


def _is_behind(workspace: Workspace) -> bool:
    """Return whether the index must be published again.

    Items changed since it was: now, by `add`, or by a build that was killed; or an earlier version wrote it, or
    encoded the items; or it lacks media that were gone and may be back.
    """
    from index.lexical_storage import has_lexical
    from index.storage import has_known_format

    found = snapshot.current(workspace.index_folder)
    if found is None or not has_known_format(found.path) or not has_lexical(found.path):
        return True
    if dict(found.encoders) != workspace.fingerprints() or found.details.get(LOST_MEDIA):
        return True
    return any(True for _ in workspace.store.items(after=found.sequence, include_removed=True))


def gone_media(gone: list[MediaError]) -> list[str]:
    """Return what is said of media of stored items that had to be encoded again and could not be."""
    if not gone:
        return []
    return [f"{len(gone)} pictures or sounds of stored items count as missing until they are back, such as: {gone[0]}"]


def _outdated_model(workspace: Workspace) -> list[str]:
    trained = snapshot.current(workspace.models_folder)
    if trained is None or dict(trained.encoders) == workspace.fingerprints():
        return []
    return [f"model {trained.number} was learnt from vectors of an earlier version; `plait train` learns anew"]


def attribute_types(workspace: Workspace, rows: Rows, columns: Sequence[str]) -> dict[str, AttributeType]:
    """Return the types of the attribute columns: those the workspace has, and of new ones what their values say."""
    stored = {name: AttributeType(kind) for name, kind in workspace.store.attribute_types().items()}
    new = [column for column in columns if column not in stored]
    return merge_types(stored, infer_types(rows, new) if new else {})


def store_items(change: Change, prepared: Prepared, workspace: Workspace, *, prune: Rows | None = None) -> ItemTally:
    """Store what was prepared; remove items that no row of the table `prune` names, be it one that cannot be read."""
    counts = change.upsert_items(prepared.items())
    removed = 0
    if prune is not None:
        held = {row.text("item_id") for row in prune}
        removed = change.remove_items(item_id for item_id in workspace.store.item_ids() if item_id not in held)
    return ItemTally(counts.added, counts.updated, counts.unchanged, removed, len(prepared.refused))


class _Known:
    """Items that events may name: those of the store, removed ones too, and those of the table being built."""

    def __init__(self, workspace: Workspace, rows: Rows) -> None:
        self._ids = set(workspace.store.item_ids(include_removed=True))
        self._ids.update(row.text("item_id") for row in rows)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._ids


def _check_log(workspace: Workspace, rows: Rows, log: Rows | None, on_error: OnError) -> None:
    if log is None:
        return
    types = event_types(workspace.config.events)
    read = read_interactions(log, event_types=types, known_items=_Known(workspace, rows))
    stop_on([row.error for row in read if row.error is not None], log.name, on_error)


def _store_log(
    workspace: Workspace, change: Change, log: Rows, prepared: Prepared, out: list[RowError]
) -> EventTally:  # fmt: skip
    known = set(workspace.store.item_ids(include_removed=True))
    known.update(stored.item.item_id for stored in prepared.items())
    types = event_types(workspace.config.events)
    errors: list[RowError] = []
    read = read_interactions(log, event_types=types, known_items=known)
    counts = change.record(accepted(read, errors))
    out += errors
    return EventTally(counts.accepted, counts.duplicates, len(errors))


def _store_people(
    change: Change, people: Rows | None, graph: Rows | None, on_error: OnError, out: list[RowError]
) -> None:  # fmt: skip
    """Store users and relations; rows that are left out are added to `out`."""
    if people is not None:
        columns = [column for column in people.columns if column != "user_id"]
        users = list(read_users(people, infer_types(people, columns)))
        bad = [row.error for row in users if row.error is not None]
        stop_on(bad, people.name, on_error)
        out += bad
        change.upsert_users(row.value for row in users if row.value is not None)
    if graph is not None:
        edges = list(read_relations(graph))
        bad = [row.error for row in edges if row.error is not None]
        stop_on(bad, graph.name, on_error)
        out += bad
        change.upsert_relations(row.value for row in edges if row.value is not None)


def _own_notes(rows: Rows, own: Sequence[OwnVectors]) -> list[str]:
    held = {row.text("item_id") for row in rows} if own else set()
    return [note for given in own for note in given.notes(held)]


def table_notes(prepared: Prepared, log: Rows | None) -> list[str]:
    """Return what was cleaned or passed over in the tables read."""
    notes = [f"HTML was taken out of {count} texts" for count in (prepared.cleaned,) if count]
    ignored = ignored_columns(log) if log is not None else ()
    return notes + ([f"{log.name}: columns {', '.join(ignored)} are not read"] if log is not None and ignored else [])
