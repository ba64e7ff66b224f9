"""Search: words, pictures and sounds in, the nearest items out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from embedders.encoder import Vectors
from embedders.items import Strand
from plait.errors import BadData, WrongCall
from plait.flows.nearest import nearest_items
from plait.live import Live
from plait.ranking import Ranking
from plait.selection import Selection
from plait.tables import Table, open_table
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


def read_queries(table: Table) -> list[Query]:
    """Read queries of a table with query_id and any of text, image, audio (paths from the table's folder).

    Raises BadData for a missing or doubled id, WrongCall for an empty query.
    """
    rows = open_table(table, "queries")
    rows.require("query_id")
    rows.require(*Strand)
    queries: dict[str, Query] = {}
    for row in rows:
        query_id = row.text("query_id")
        if not query_id or query_id in queries:
            raise BadData(f"{rows.name}, {row.place}, column query_id: {query_id!r} is empty or stands twice")
        image, audio = (str(rows.folder / text) if (text := row.text(name)) else "" for name in ("image", "audio"))
        queries[query_id] = Query(query_id, row.text("text"), image, audio)
    return list(queries.values())


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
