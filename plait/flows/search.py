"""Search: words, pictures and sounds in, the nearest items out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from embedders.encoder import Vectors
from embedders.items import Strand
from plait.errors import WrongCall
from plait.flows.nearest import nearest_items
from plait.live import Live
from plait.ranking import Ranking
from plait.selection import Selection
from plait.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for: words, the path of a picture, the path of a sound, "" for none of it."""

    query_id: str = ""
    text: str = ""
    image: str = ""
    audio: str = ""

    def __post_init__(self) -> None:
        if not (self.text.strip() or self.image or self.audio):
            raise WrongCall(f"query {self.query_id!r} is empty: expected text, a picture or a sound")

    def content(self, strand: Strand) -> str:
        """Return what the encoder of `strand` reads, "" for nothing."""
        return {Strand.TEXT: self.text.strip(), Strand.IMAGE: self.image, Strand.AUDIO: self.audio}[strand]


def search(
    live: Live,
    queries: Sequence[Query],
    selection: Selection,
    *,
    weights: Mapping[Strand, float] | None = None,
) -> list[Ranking]:
    """Answer each query; `weights` change how much each item strand counts, for these queries only."""
    moment = live.refresh()
    fused = moment.fusion.query(encode_queries(live.workspace, queries), weights=weights)
    return [
        Ranking(items, moment.name, query_id=query.query_id)
        for query, items in zip(queries, nearest_items(moment, fused, selection), strict=True)
    ]


def encode_queries(workspace: Workspace, queries: Sequence[Query]) -> dict[Strand, Vectors]:
    """Return one matrix per strand that any query uses, zero rows for the queries that do not."""
    encoded: dict[Strand, Vectors] = {}
    for strand in Strand:
        used = [place for place, query in enumerate(queries) if query.content(strand)]
        if not used:
            continue
        encoder = workspace.encoder(strand)
        matrix = np.zeros((len(queries), encoder.dimension), dtype=np.float32)
        matrix[used] = encoder.encode([queries[place].content(strand) for place in used])
        encoded[strand] = matrix
    return encoded
