"""Cross-modal: the workspace's catalogue, with a strand of some items hidden."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embedders.bridge import Bridge
from embedders.encoder import QueryEncoder, QuerySide, Vectors
from embedders.encoding import encode_cached
from embedders.items import Strand
from plait.assembly import bridges_of
from plait.errors import WrongCall
from plait.evaluation.cross_modal import Catalogue, Hiding, judge_cross_modal
from plait.evaluation.disguise import PLAIN, Disguise
from plait.evaluation.results import Results
from plait.flows.towers import catalogue_towers
from plait.live import Live
from plait.moment import Moment
from plait.raw_vectors import raw_vectors
from plait.selection import Selection
from plait.store import StoredItem
from plait.workspace import OwnEncoder, Workspace

PAIR = "text:image"


@dataclass(frozen=True, slots=True)
class CrossModal:
    """What the protocol is run on: a workspace's items, the strand asked with and the one looked for, the bridges."""

    catalogue: Catalogue
    pair: tuple[Strand, Strand]
    bridges: Mapping[Strand, Bridge]

    @classmethod
    def of(cls, live: Live, *, pair: str = PAIR, hide_by: str | None = None, where: str = "") -> "CrossModal":
        """Read the items of a workspace that pass `where`. Raises WrongCall for a wrong pair or column, BadData."""
        asked, colon, wanted = pair.partition(":")
        if not colon or asked == wanted or not {asked, wanted} <= set(Strand):
            raise WrongCall(f"--pair {pair}: expected two strands such as text:image")
        moment = live.refresh()
        catalogue = _catalogue(moment.workspace, moment, hide_by, where)
        return cls(catalogue, (Strand(asked), Strand(wanted)), _bridges(moment.workspace, catalogue))

    def judge(
        self, hiding: Hiding, *, disguise: Disguise = PLAIN, keep: Path | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> Results:  # fmt: skip
        """Run the protocol, with the catalogue in disguise; folds are kept in the folder `keep`."""
        return judge_cross_modal(
            disguise.catalogue(self.catalogue), self.pair, hiding, bridges=self.bridges, keep=keep, progress=progress
        )


def _bridges(workspace: Workspace, catalogue: Catalogue) -> Mapping[Strand, Bridge]:
    usable = {strand: workspace.encoder(strand) for strand in Strand}
    usable = {strand: encoder for strand, encoder in usable.items() if not isinstance(encoder, OwnEncoder)}
    if Strand.IMAGE not in catalogue.vectors or Strand.TEXT not in usable:
        return {}
    bridged = {s: e for s, e in usable.items() if s in catalogue.vectors or s is Strand.TEXT}
    return bridges_of(bridged, workspace.cache)


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
    vectors = raw_vectors(workspace, items)
    return Catalogue(
        item_ids, vectors, [item.item.categories for item in items], groups, _as_queries(workspace, items, vectors),
        catalogue_towers(workspace, [items], vectors),
    )  # fmt: skip


def _as_queries(
    workspace: Workspace, items: Sequence[StoredItem], vectors: Mapping[Strand, Vectors]
) -> dict[Strand, Vectors]:
    """Return the contents as they are asked, by strand, where an encoder reads a query otherwise."""
    asked = {}
    for strand in vectors:
        encoder = workspace.encoder(strand)
        if isinstance(encoder, QueryEncoder):
            contents = [item.item.content(strand) if item.hashes.get(strand) else "" for item in items]
            asked[strand] = encode_cached(QuerySide(encoder), contents, workspace.cache).vectors
    return asked
