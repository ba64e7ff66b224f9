"""Evaluate: the workspace's own catalogue and log, split by a protocol; models side by side; nothing is changed."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from embedders.items import Strand
from plait.assembly import bridges_of
from plait.errors import BadData, WrongCall
from plait.evaluation.cross_modal import Catalogue, judge_cross_modal
from plait.evaluation.peers.item_knn import ItemKnn
from plait.evaluation.peers.peer import Peer
from plait.evaluation.peers.plait_peer import PlaitPeer
from plait.evaluation.peers.popularity import Popularity
from plait.evaluation.protocols import CROSS_MODAL, PROTOCOLS
from plait.evaluation.report import write_report
from plait.evaluation.results import Results
from plait.evaluation.runner import evaluate as judge
from plait.flows.train import training_items
from plait.history import read_log
from plait.live import Live, Moment, raw_vectors
from plait.selection import Selection
from plait.workspace import OwnEncoder, Workspace

Say = Callable[[str], None]
MODELS = ("plait", "popularity", "item-knn")


def evaluate(
    live: Live, protocol: str, *, seeds: int = 5, models: Sequence[str] = MODELS, cuts: tuple[int, ...] = (10,),
    pair: str = "text:image", hide_by: str | None = None, where: str = "", report: Path | None = None, seed: int = 0,
    progress: Say | None = None,
) -> Results:  # fmt: skip
    """Run a protocol and return what it found; with `report`, write report.html and results.json there.

    Raises WrongCall that names the known protocols and models, BadData where nothing can be judged.
    """
    say = progress or (lambda _: None)
    if protocol not in PROTOCOLS:
        raise WrongCall(f"protocol {protocol!r} is not known; expected one of {', '.join(PROTOCOLS)}")
    if seeds < 1 or not cuts or min(cuts) < 1:
        raise WrongCall(f"seeds {seeds}, cuts {cuts}: expected numbers from 1")
    began = time.monotonic()
    if protocol == CROSS_MODAL:
        results = _cross_modal(live, pair, hide_by, where, seeds, cuts, say)
    else:
        results = _by_user(live, protocol, models, seeds, cuts, seed, say)
    say(f"{protocol} took {time.monotonic() - began:.0f} s")
    if report is not None:
        command = f"plait evaluate WORKSPACE --protocol {protocol} --seeds {seeds} --cuts {','.join(map(str, cuts))}"
        write_report(report, results, command)
    return results


def _by_user(
    live: Live, protocol: str, models: Sequence[str], seeds: int, cuts: tuple[int, ...], seed: int, say: Say
) -> Results:
    unknown = [name for name in models if name not in MODELS]
    if unknown or not models:
        raise WrongCall(f"model {', '.join(unknown) or 'none'} is not known; expected some of {', '.join(MODELS)}")
    items, _, _ = training_items(live)
    log = read_log(live.workspace, items.item_ids)
    if not len(log.users):
        raise BadData(f"{live.workspace.folder}: the log is empty; {protocol} needs interactions")
    known: dict[str, Peer] = {"plait": PlaitPeer(items, seed), "popularity": Popularity(), "item-knn": ItemKnn()}
    return judge(log, protocol, [known[name] for name in dict.fromkeys(models)], seeds=seeds, cuts=cuts, progress=say)


def _cross_modal(
    live: Live, pair: str, hide_by: str | None, where: str, seeds: int, cuts: tuple[int, ...], say: Say
) -> Results:
    names = pair.split(":")
    if len(names) != 2 or names[0] == names[1] or not set(names) <= set(Strand):
        raise WrongCall(f"--pair {pair}: expected two strands such as text:image")
    moment = live.refresh()
    catalogue = _catalogue(live.workspace, moment, hide_by, where)
    usable = {strand: live.workspace.encoder(strand) for strand in Strand}
    usable = {strand: encoder for strand, encoder in usable.items() if not isinstance(encoder, OwnEncoder)}
    bridged = {s: e for s, e in usable.items() if s in catalogue.vectors or s is Strand.TEXT}
    bridges = bridges_of(bridged) if Strand.IMAGE in catalogue.vectors and Strand.TEXT in usable else {}
    asked, wanted = Strand(names[0]), Strand(names[1])
    return judge_cross_modal(catalogue, (asked, wanted), seeds=seeds, cuts=cuts, bridges=bridges, progress=say)


def _catalogue(workspace: Workspace, moment: Moment, hide_by: str | None, where: str) -> Catalogue:
    allowed = moment.eligible(Selection(where=where))
    rows = np.flatnonzero(moment.index.alive if allowed is None else allowed)
    item_ids = moment.index.item_ids(rows)
    stored = workspace.store.items_by_id(item_ids)
    items = [stored[item_id] for item_id in item_ids]
    groups = None
    if hide_by is not None:
        if hide_by not in workspace.store.attribute_types():
            known = ", ".join(sorted(workspace.store.attribute_types()))
            raise WrongCall(f"--hide-by {hide_by}: no such attribute; known are {known}")
        values = [item.item.attributes.get(hide_by, "") for item in items]
        groups = ["|".join(value) if isinstance(value, tuple) else str(value) for value in values]
    return Catalogue(item_ids, raw_vectors(workspace, items), [item.item.categories for item in items], groups)
