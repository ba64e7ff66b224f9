"""Cross-modal: the workspace's catalogue, with a strand of some items hidden."""

from collections.abc import Callable

import numpy as np

from embedders.items import Strand
from plait.assembly import bridges_of
from plait.errors import WrongCall
from plait.evaluation.cross_modal import Catalogue, judge_cross_modal
from plait.evaluation.results import Results
from plait.live import Live, Moment, raw_vectors
from plait.selection import Selection
from plait.workspace import OwnEncoder, Workspace


def cross_modal(
    live: Live, *, pair: str, hide_by: str | None, where: str, seeds: int, cuts: tuple[int, ...],
    progress: Callable[[str], None],
) -> Results:  # fmt: skip
    """Run the protocol on the items of a workspace. Raises WrongCall for a wrong pair or column, BadData."""
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
    return judge_cross_modal(catalogue, (asked, wanted), seeds=seeds, cuts=cuts, bridges=bridges, progress=progress)


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
