"""Repair: what `check` finds is mended, from the store and from older snapshots; nothing stored is ever lost."""

import shutil
from collections.abc import Callable
from pathlib import Path

from embedders.items import Strand
from plait import snapshot
from plait.errors import BadData, WrongCall
from plait.flows.check import agreement, check, snapshot_problems, store_problems
from plait.flows.finish_erasing import finish_erasing
from plait.flows.models import index_encoders
from plait.flows.publish import learn_and_publish
from plait.flows.reencode import BESIDE
from plait.model_choice import reasons_against
from plait.snapshot import Snapshot
from plait.snapshot_damage import DAMAGED, set_aside
from plait.snapshot_moves import HISTORY, moves_of
from plait.vector_cache_file import CACHE_FILE, cache_damage
from plait.workspace import Fence, Workspace

Say = Callable[[str], None]


def repair(folder: Path, *, seed: int = 0) -> tuple[list[str], list[str]]:
    """Mend a workspace; return the problems that are left and what was mended, a line each.

    Raises WrongCall where there is no workspace, BadData while another process builds or trains.
    """
    workspace = Workspace.open(folder)
    mended: list[str] = []
    damaged = workspace.store.problems()
    if damaged:
        return [*damaged, f"{workspace.store.place}: `plait restore` of a backup mends it"], mended
    say = mended.append
    for name in workspace.store.free_leases():
        say(f"the lease {name!r} was held by a process that is gone: given back")
    failed = []
    with workspace.publishing() as fence:
        for mend in (_leftovers, _counter, _cache, _index, _models, _online, _erasing, _agreement):
            try:
                mend(workspace, fence, say, seed)
            except (BadData, WrongCall) as error:
                failed.append(str(error))
    workspace.store.close()
    left = check(folder)
    if left and _lacks_index(folder):
        left.append("`plait build` with the items' table makes the index anew")
    return [*(line for line in failed if line not in left), *left] if left else [], mended


def _lacks_index(folder: Path) -> bool:
    """Return whether the index is what is wrong, which the items' table mends where the store could not."""
    try:
        workspace = Workspace.open(folder)
    except BadData:
        return False
    return bool(snapshot_problems(workspace, workspace.index_folder) or agreement(workspace)[0])


def _leftovers(workspace: Workspace, fence: Fence, say: Say, seed: int) -> None:
    for place in (workspace.index_folder, workspace.models_folder):
        if place.exists() and (count := snapshot.tidy(place)):
            say(f"{place}: what {count} killed writers left unfinished was removed")
    if (beside := workspace.index_folder / BESIDE).exists():
        shutil.rmtree(beside)
        say(f"{beside}: an index that a killed writer was making was removed")


def _counter(workspace: Workspace, fence: Fence, say: Say, seed: int) -> None:
    if gap := workspace.store.gap():
        workspace.store.close_gap()
        say(f"{workspace.store.place}: the counter was {gap} changes behind; it stands at {workspace.store.sequence()}")


def _cache(workspace: Workspace, fence: Fence, say: Say, seed: int) -> None:
    path = workspace.folder / CACHE_FILE
    if not cache_damage(path):
        return
    mark = set_aside(path.parent, (), (path.name, f"{path.name}-wal", f"{path.name}-shm"))
    say(f"{path} was damaged and is set aside as {path.name}.{DAMAGED}{mark}; what is needed is encoded again")
    own = [strand for strand in Strand if workspace.store.meta(f"own.{strand}") is not None]
    if own:
        say(f"own vectors of {', '.join(own)} were in it: `plait build --vectors` brings them back")


def _index(workspace: Workspace, fence: Fence, say: Say, seed: int) -> None:
    place = workspace.index_folder
    problems = snapshot_problems(workspace, place)
    lost = snapshot.number_before(place) is None and workspace.store.item_count()
    if not problems and not lost:
        return
    fits = dict(workspace.fingerprints())
    sound = _newest_sound(workspace, place, lambda found: [] if dict(found.encoders) == fits else ["other encoders"])
    if sound is not None:
        _point(place, sound, problems, fence, say)
    elif workspace.store.item_count():
        learn_and_publish(workspace, seed=seed, fence=fence)
        say(f"{place}: {_because(problems)}; made anew from the store, now {snapshot.current_number(place)}")


def _models(workspace: Workspace, fence: Fence, say: Say, seed: int) -> None:
    place = workspace.models_folder
    problems = snapshot_problems(workspace, place)
    lost = snapshot.number_before(place) is None and snapshot.numbers(place)
    if not problems and not lost:
        return
    encoders = index_encoders(workspace)
    sound = _newest_sound(workspace, place, lambda found: reasons_against(found, encoders, whole=False))
    if sound is not None:
        _point(place, sound, problems, fence, say)
        return
    numbers = snapshot.numbers(place)
    with fence():
        mark = set_aside(place, numbers, (snapshot.POINTER, HISTORY))
    named = ", ".join(map(str, numbers)) or "there is none"
    say(f"{place}: {_because(problems)} and no other model is sound ({named}); set aside as {DAMAGED}*-{mark}, "
        "`plait train` makes one anew")  # fmt: skip


def _online(workspace: Workspace, fence: Fence, say: Say, seed: int) -> None:
    place = workspace.online_folder
    if problems := snapshot_problems(workspace, place):
        with fence():
            mark = set_aside(place, snapshot.numbers(place), (snapshot.POINTER, HISTORY))
        say(f"{place}: {problems[0]}; set aside as {DAMAGED}*-{mark}, and learnt anew from the log")


def _erasing(workspace: Workspace, fence: Fence, say: Say, seed: int) -> None:
    if workspace.store.is_erasing():
        changed = finish_erasing(workspace, fence)
        say(f"an erasure was brought to its end; models made anew: {', '.join(map(str, changed)) or 'none'}")


def _agreement(workspace: Workspace, fence: Fence, say: Say, seed: int) -> None:
    if store_problems(workspace) or not workspace.store.item_count():
        return
    problems, _ = agreement(workspace)
    if problems:
        learn_and_publish(workspace, seed=seed, fence=fence)
        say(f"{workspace.index_folder}: {problems[0]}; made anew from the store")


def _newest_sound(workspace: Workspace, place: Path, reasons: Callable[[Snapshot], list[str]]) -> int | None:
    """Return the snapshot to go to: of those that were current before the latest, then of the others the newest."""
    numbers = snapshot.numbers(place)
    past = moves_of(place, snapshot.number_before(place), numbers).before
    for number in dict.fromkeys([*reversed(past), *reversed(numbers)]):
        try:
            found = snapshot.read(place, number)
        except BadData:
            continue
        fits = found.sequence <= workspace.store.sequence()
        if fits and not reasons(found) and not snapshot.verify(found):
            return number
    return None


def _point(place: Path, number: int, problems: list[str], fence: Fence, say: Say) -> None:
    with fence():
        snapshot.point(place, number)
    say(f"{place}: {_because(problems)}; {snapshot.POINTER} names {number}, which is sound")


def _because(problems: list[str]) -> str:
    return problems[0] if problems else f"{snapshot.POINTER} names none"
