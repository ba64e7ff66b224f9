"""Model choice: which trained model answers beside an index; one that cannot is passed over, and it is said."""

from collections.abc import Mapping
from pathlib import Path

from plait import snapshot
from plait.errors import BadData
from plait.model_files import FORMAT, Models, format_in, read_models, untrained_models
from plait.snapshot import Snapshot
from plait.snapshot_moves import moves_of
from plait.workspace import Workspace

READ_WHOLE = 1 << 24
"""Bytes up to which a file is held against its checksum before it answers, in some hundredths of a second; a larger
one is known by its size until `plait check`."""
OTHER_ENCODERS = "learnt with other encoders than those of the index"


def chosen_models(workspace: Workspace, encoders: Mapping[str, str]) -> tuple[Snapshot | None, Models, tuple[str, ...]]:
    """Return the snapshot that answers beside an index of `encoders`, its models, and notes of what was passed over.

    That is the one CURRENT names, or where it cannot answer the last before it that can; None and untrained models
    where there is none. One that waits for the index of its encoders is passed over for another without a note.
    Raises BadData where CURRENT is broken, or has moved on meanwhile.
    """
    place = workspace.models_folder
    notes: list[str] = []
    current = snapshot.current_number(place)
    for number in numbers_in_turn(place):
        refused = problems_of(place, number, encoders, whole=False)
        if not refused:
            try:
                return snapshot.read(place, number), read_models(snapshot.place(place, number)), _told(notes, number)
            except BadData as error:
                refused = [str(error)]
        if snapshot.current_number(place) != current:
            raise BadData(f"{place}: model {number} was replaced while it was read")
        notes.append(f"model {number} is passed over: {refused[0]}")
    return None, untrained_models(workspace), _told(notes, None)


def answering(place: Path, encoders: Mapping[str, str]) -> Snapshot | None:
    """Return the snapshot that `chosen_models` would choose; None where there is none."""
    for number in numbers_in_turn(place):
        if not problems_of(place, number, encoders, whole=False):
            return snapshot.read(place, number)
    return None


def numbers_in_turn(place: Path) -> list[int]:
    """Return the numbers of the models in the order in which they may answer: the current one, then those before."""
    current = snapshot.current_number(place)
    past = moves_of(place, current, snapshot.numbers(place)).before
    return [] if current is None else [current, *reversed(past)]


def _told(notes: list[str], answers: int | None) -> tuple[str, ...]:
    """Return the note of the model that should answer, and what answers in its place."""
    instead = "answers are untrained" if answers is None else f"model {answers} answers"
    if not notes or (answers is not None and notes[0].endswith(OTHER_ENCODERS)):
        return ()
    return (f"{notes[0]}; {instead}",)


def problems_of(place: Path, number: int, encoders: Mapping[str, str] | None, *, whole: bool) -> list[str]:
    """Return why a model cannot answer beside an index of `encoders`; `whole` reads large files for their checksums."""
    try:
        found = snapshot.read(place, number)
    except BadData as error:
        return [str(error)]
    return reasons_against(found, encoders, whole=whole)


def reasons_against(found: Snapshot, encoders: Mapping[str, str] | None, *, whole: bool) -> list[str]:
    """Return why a model cannot answer, as `problems_of` does."""
    reasons = snapshot.verify(found, largest=None if whole else READ_WHOLE)
    if (written := format_in(found.path)) < FORMAT:
        reasons.append(f"{found.path} was made by another version: `plait train` makes one anew")
    elif written > FORMAT:
        reasons.append(f"{found.path} has format {written}; this Plait knows {FORMAT}: upgrade Plait")
    if encoders is not None and dict(found.encoders) != dict(encoders):
        reasons.append(f"{found.path} was {OTHER_ENCODERS}")
    return reasons
