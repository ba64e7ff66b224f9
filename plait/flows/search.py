"""Search: words, pictures and sounds in, the nearest items out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from embedders.encoder import QueryEncoder, Vectors
from embedders.encoder import encode_queries as encode_as_queries
from embedders.fused_query import FusedQuery
from embedders.fusion import Fusion
from embedders.items import Strand
from plait.errors import WrongCall
from plait.flows.nearest import Words, incomparable, nearest_items
from plait.flows.towers import tower_queries
from plait.lexical_files import LEXICAL
from plait.live import Live, Moment
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
    weights: Mapping[str, float] | None = None,
) -> list[Ranking]:
    """Answer each query by its vectors, and by its words where it has any.

    `weights` multiply what was learnt for these queries only, by the names of strands and LEXICAL; what they do not
    name counts nothing. Where they name LEXICAL alone, nothing is encoded.
    """
    moment = live.refresh()
    factor = 1.0 if weights is None else weights.get(LEXICAL, 0.0)
    words = Words([query.content(Strand.TEXT) for query in queries], factor * moment.lexical_weight)
    found = nearest_items(moment, _fused(live, moment, queries, weights), selection, words=words)
    return [
        Ranking(items, moment.name, incomparable(items), query_id=query.query_id)
        for query, items in zip(queries, found, strict=True)
    ]


def _fused(live: Live, moment: Moment, queries: Sequence[Query], weights: Mapping[str, float] | None) -> FusedQuery:
    strands = None if weights is None else {Strand(name): w for name, w in weights.items() if name != LEXICAL}
    if strands is not None and not any(strands.values()) and weights is not None and weights.get(LEXICAL):
        return replace(moment.fusion.query({}), count=len(queries))
    asked = encode_queries(live.workspace, queries)
    towers = encode_towers(live.workspace, moment.fusion, queries, asked)
    return moment.fusion.query(asked, weights=strands, towers=towers)


def encode_queries(workspace: Workspace, queries: Sequence[Query]) -> dict[Strand, Vectors]:
    """Return one matrix per strand that any query uses, zero rows for the queries that do not."""
    encoded: dict[Strand, Vectors] = {}
    for strand in Strand:
        used = [place for place, query in enumerate(queries) if query.content(strand)]
        if not used:
            continue
        encoder = workspace.encoder(strand)
        matrix = np.zeros((len(queries), encoder.dimension), dtype=np.float32)
        matrix[used] = encode_as_queries(encoder, [queries[place].content(strand) for place in used])
        encoded[strand] = matrix
    return encoded


def encode_towers(
    workspace: Workspace, fusion: Fusion, queries: Sequence[Query], asked: Mapping[Strand, Vectors]
) -> dict[Strand, Vectors]:
    """Return the words of the queries as the text towers of the items' other strands read them.

    `asked` are the queries as `encode_queries` encoded them.
    """
    strands = [strand for strand, text_map in fusion.text_maps.items() if text_map.tower is not None]
    return tower_queries(workspace, [query.content(Strand.TEXT) for query in queries], strands, asked)


def encode_as_items(workspace: Workspace, query: Query, asked: Mapping[Strand, Vectors]) -> dict[Strand, Vectors]:
    """Return what `asked` is as one item, encoded anew only where a query is read otherwise than an item."""
    return {
        strand: workspace.encoder(strand).encode([query.content(strand)])
        if isinstance(workspace.encoder(strand), QueryEncoder)
        else rows
        for strand, rows in asked.items()
    }
