"""Reencode: other encoders, live; all vectors are made anew beside those that answer, and taken up in one step."""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from plait import snapshot
from plait.config import FILE, read_config
from plait.counts import Counts
from plait.errors import BadData, WrongCall
from plait.flows.build import gone_media
from plait.flows.publish import ITEMS_AT_ONCE, learn_and_publish
from plait.flows.train import Say, train_within
from plait.live import Live
from plait.model_choice import answering
from plait.raw_vectors import Again, raw_vectors
from plait.snapshot import Snapshot
from plait.store.chunks import chunks
from plait.workspace import Fence, Machine, Workspace

BESIDE = ".beside"
"""Within the folder of indexes: the one that is being made. What a killed writer left is removed by the next one."""
BUDGET = "10m"
"""Time for a training where the model in use does not say what its own had."""


def reencode(folder: Path, *, seed: int = 0, machine: Machine | None = None, say: Say | None = None) -> Counts:
    """Encode the store's items with the encoders that plait.toml names by now; go over to an index and models of them.

    Until then open processes answer by the old index, models and encoders, and from then on by the new ones. Where a
    model is in use, one is trained beside the new index first, so that no answer is untrained. What is added meanwhile
    is in the answers of both. Where the index has these encoders already, nothing is done.
    Raises WrongCall where there is no workspace, BadData while another process builds or trains, and where plait.toml
    names yet other encoders by the end.
    """
    workspace = Workspace.open(folder, machine=machine)
    with workspace.publishing() as fence:
        old = snapshot.current(workspace.index_folder)
        if old is None:
            raise BadData(f"{folder} has no index: run `plait build` with the items' table")
        if dict(old.encoders) == workspace.fingerprints():
            return Counts(notes=("the index was made by the encoders that plait.toml names; there is nothing to do",))
        beside, again = workspace.with_index_in(workspace.index_folder / BESIDE), Again()
        shutil.rmtree(beside.index_folder, ignore_errors=True)
        try:
            chosen = learn_and_publish(beside, seed=seed, fence=fence, again=again)
            notes = [f"{name} {value:.3g}" for name, value in chosen.items() if name.endswith(".gain")]
            made = snapshot.read(beside.index_folder, 1)
            _encode_since(workspace, made, again)
            notes += _train(beside, old, fence, seed, say)
            _encode_since(workspace, made, again)
            _switch(workspace, made, fence)
        finally:
            shutil.rmtree(beside.index_folder, ignore_errors=True)
    return Counts(encoded=again.encoded, notes=(*notes, *gone_media(again.lost)))


def check_alone(others: Sequence[object]) -> None:
    """Raise WrongCall where anything else was given to a build that only encodes anew."""
    if any(other is not None for other in others):
        raise WrongCall(
            "--reencode reads contents from the store: it takes no tables, vectors, bundle, --store or --prune"
        )


def _train(beside: Workspace, old: Snapshot, fence: Fence, seed: int, say: Say | None) -> list[str]:
    """Train on the index that is `beside` where a model is in use and none of its encoders is there; say what was done.

    The new model is published before its index is: until then processes answer by the latest one that fits theirs.
    """
    used, newest = answering(beside.models_folder, old.encoders), snapshot.current(beside.models_folder)
    if used is None or newest is None or dict(newest.encoders) == beside.fingerprints():
        return []
    budget = used.details.get("budget") or BUDGET
    try:
        report = train_within(
            Live(beside), fence, budget=budget, seed=seed, progress=say, plan=None, began=time.monotonic()
        )
    except BadData as error:
        return [f"no model was trained, answers are untrained: {error}"]
    return [f"model {report['model']} was trained within {budget}, as model {used.number} was"]


def _encode_since(workspace: Workspace, made: Snapshot, again: Again) -> None:
    """Encode what was stored since a snapshot was made: now, not in the first answer of a process that takes it up."""
    for chunk in chunks(workspace.store.items(after=made.sequence), ITEMS_AT_ONCE):
        raw_vectors(workspace, chunk, again=again)


def _switch(workspace: Workspace, made: Snapshot, fence: Fence) -> None:
    """Publish the snapshot that was `made` beside, by moving its files."""

    def move(folder: Path) -> None:
        for name in made.files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (made.path / name).rename(folder / name)

    snapshot.publish(
        workspace.index_folder, move, sequence=made.sequence, encoders=made.encoders, details=made.details,
        fence=lambda: _unchanged(workspace, fence),
    )  # fmt: skip


@contextmanager
def _unchanged(workspace: Workspace, fence: Fence) -> Iterator[None]:
    """Let publish where plait.toml names the same encoders as in the beginning: nobody could take up any others."""
    with fence():
        if read_config(workspace.folder).encoders != workspace.config.encoders:
            raise BadData(f"{workspace.folder / FILE} names other encoders by now; nothing was published")
        yield
