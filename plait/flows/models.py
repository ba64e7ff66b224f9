"""Models: the registry of trained models; which there are, and which of them answers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plait import snapshot
from plait.errors import BadData, WrongCall
from plait.model_choice import problems_of, reasons_against
from plait.model_files import trained_as
from plait.snapshot_moves import moves_of
from plait.workspace import Workspace

TOLD = ("made_by", "from", "why", "judged", "seed", "budget", "users", "items", "events", "metrics")
"""What a manifest's details say of a model that the registry tells."""


def models(workspace: Workspace) -> list[dict[str, Any]]:
    """Return what is known of each model, by number.

    `from` is the model that was current when this one was made, or that an erasure made it from; `metrics` are what its
    training measured; `why` it was made ("" by hand), and `judged`, what a trial beside that model showed, or None;
    `online` is what was learnt since. `problem` says why it cannot answer, "" where it can; large files are not read
    for that.
    """
    place = workspace.models_folder
    current, numbers = snapshot.number_before(place), snapshot.numbers(place)
    promoted, encoders = moves_of(place, current, numbers).promoted, index_encoders(workspace)
    told = [_told(place, number, current, promoted, encoders) for number in numbers]
    return [{**each, "online": _learnt(workspace, each["number"])} for each in told]


def _learnt(workspace: Workspace, number: int) -> dict[str, Any] | None:
    """Return what was learnt online since a model was trained, and what was refused; None where nothing was."""
    try:
        found, model = snapshot.current(workspace.online_folder), snapshot.read(workspace.models_folder, number)
    except BadData:
        return None
    if found is None or (found.details["model"], found.details.get("trained")) != (trained_as(model), model.sequence):
        return None
    return {"sequence": found.sequence, **{name: found.details[name] for name in ("steps", "last", "refusals")}}


def promote(workspace: Workspace, number: int) -> dict[str, Any]:
    """Let a model answer, for good: it stays until it is erased. Returns `model` and the one `before`.

    Raises WrongCall for a number there is none of, BadData for a model that is broken or that other encoders made.
    """
    place = workspace.models_folder
    if number not in snapshot.numbers(place):
        there = ", ".join(map(str, snapshot.numbers(place))) or "none"
        raise WrongCall(f"there is no model {number}; there are {there}: see `plait models {workspace.folder} list`")
    with workspace.publishing() as fence:
        refused = reasons_against(snapshot.read(place, number), index_encoders(workspace), whole=True)
        if refused:
            raise BadData(f"model {number} cannot be promoted: {refused[0]}")
        with fence():
            before = snapshot.number_before(place)
            # Promoted again, its past stays what it is.
            past = None if before != number else moves_of(place, number, snapshot.numbers(place)).before
            snapshot.point(place, number, before=past, promoted=True)
    return {"model": number, "before": before, "notes": []}


def rollback(workspace: Workspace) -> dict[str, Any]:
    """Take the last move of CURRENT back, be it a training or a promotion; a second call takes back the one before.

    Models that cannot answer are passed over, with a note. Raises BadData where none is left to go back to.
    """
    place = workspace.models_folder
    with workspace.publishing() as fence:
        current = snapshot.number_before(place)
        past = list(moves_of(place, current, snapshot.numbers(place)).before)
        notes: list[str] = []
        encoders = index_encoders(workspace)
        while past:
            number = past.pop()
            refused = problems_of(place, number, encoders, whole=True)
            if not refused:
                with fence():
                    snapshot.point(place, number, before=past)
                return {"model": number, "before": current, "notes": notes}
            notes.append(f"model {number} is passed over: {refused[0]}")
    raise BadData(f"{workspace.folder} has no model to go back to", notes)


def index_encoders(workspace: Workspace) -> Mapping[str, str] | None:
    """Return the encoders of the index, which models must share; None without a readable index."""
    try:
        found = snapshot.current(workspace.index_folder)
    except BadData:
        return None
    return None if found is None else found.encoders


def _told(
    place: Path, number: int, current: int | None, promoted: tuple[int, ...], encoders: Mapping[str, str] | None
) -> dict[str, Any]:
    about: dict[str, Any] = {"number": number, "current": number == current, "promoted": number in promoted}
    refused = problems_of(place, number, encoders, whole=False)
    about["problem"] = refused[0] if refused else ""
    try:
        found = snapshot.read(place, number)
    except BadData:
        return about
    details = {name: found.details.get(name) for name in TOLD}
    fits = encoders is None or dict(found.encoders) == dict(encoders)
    return {**about, "created_at": found.created_at, "sequence": found.sequence, "encoders_fit": fits, **details}
