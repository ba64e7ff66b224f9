"""Search: words, pictures, sounds and examples in, the nearest items out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from embedders.encoder import QueryEncoder, Vectors
from embedders.encoder import encode_queries as encode_as_queries
from embedders.fused_query import FusedQuery
from embedders.fusion import Fusion
from embedders.items import Strand
from index.vector_index import Rows
from plait.errors import WrongCall
from plait.flows.nearest import Added, Words, incomparable, nearest_items
from plait.flows.towers import tower_queries
from plait.lexical_files import LEXICAL
from plait.live import Live
from plait.moment import Moment
from plait.ranking import Ranking
from plait.selection import Selection
from plait.stages import stage
from plait.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for: words, the path of a picture, the path of a sound, "" for none of it.

    And examples: the ids of items that it should be `like`, and `unlike`. `user_id` is who searches, "" for anybody.
    Raises WrongCall where nothing is searched for, and for an item that is both.
    """

    query_id: str = ""
    text: str = ""
    image: str = ""
    audio: str = ""
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    user_id: str = ""

    def __post_init__(self) -> None:
        if not (self.text.strip() or self.image or self.audio or self.examples):
            raise WrongCall(f"query {self.query_id!r} is empty: expected text, a picture or a sound")
        both = sorted(set(self.like) & set(self.unlike))
        if both:
            raise WrongCall(f"item {both[0]!r} is both to be like and unlike; expected one of them")

    @property
    def examples(self) -> tuple[str, ...]:
        """All items that are examples, of what is wanted or not."""
        return (*self.like, *self.unlike)

    def content(self, strand: Strand) -> str:
        """Return what the encoder of `strand` reads, "" for nothing."""
        return {Strand.TEXT: self.text.strip(), Strand.IMAGE: self.image, Strand.AUDIO: self.audio}[strand]


def search(
    live: Live, queries: Sequence[Query], selection: Selection, *, weights: Mapping[str, float] | None = None
) -> list[Ranking]:
    """Answer each query by its vectors, by its words where it has any, and by its examples, which are left out.

    `weights` multiply what was learnt for these queries only, by the names of strands and LEXICAL; what they do not
    name counts nothing. Where they name LEXICAL alone, nothing is encoded. Raises WrongCall for an example that is not
    in the catalogue. Who searches makes no difference here: see `plait.flows.personal`.
    """
    return search_at(live.refresh(), queries, selection, weights=weights)


def search_at(
    moment: Moment,
    queries: Sequence[Query],
    selection: Selection,
    *,
    weights: Mapping[str, float] | None = None,
    added: Added | None = None,
) -> list[Ranking]:
    """Return what `search` does, as of a moment; `added` is one part more of every score."""
    factor = 1.0 if weights is None else weights.get(LEXICAL, 0.0)
    words = Words([query.content(Strand.TEXT) for query in queries], factor * moment.lexical_weight)
    fused, examples = _fused(moment, queries, weights), [_rows(moment, query.examples) for query in queries]
    found = nearest_items(moment, fused, selection, excluded=examples, words=words, added=added)
    return [
        Ranking(items, moment.name, incomparable(items), query_id=query.query_id)
        for query, items in zip(queries, found, strict=True)
    ]


def _fused(moment: Moment, queries: Sequence[Query], weights: Mapping[str, float] | None) -> FusedQuery:
    workspace = moment.workspace
    strands = None if weights is None else {Strand(name): w for name, w in weights.items() if name != LEXICAL}
    nothing = replace(moment.fusion.query({}), count=len(queries))
    if strands is not None and not any(strands.values()) and weights is not None and weights.get(LEXICAL):
        return nothing
    asked = encode_queries(workspace, queries)
    towers = encode_towers(workspace, moment.fusion, queries, asked) if asked else {}
    content = moment.fusion.query(asked, weights=strands, towers=towers) if asked else nothing
    if not any(query.examples for query in queries):
        return content
    return content.joined(moment.fusion.as_query(_by_examples(moment, queries), weights=strands))


def _by_examples(moment: Moment, queries: Sequence[Query]) -> Vectors:
    """Return (m, D) the mean of what each query is to be like less the mean of what not, zero without examples."""
    vectors = np.zeros((len(queries), moment.fusion.dimension), dtype=np.float32)
    for place, query in enumerate(queries):
        for sign, item_ids in ((1.0, query.like), (-1.0, query.unlike)):
            if item_ids:
                vectors[place] += np.float32(sign) * moment.index.vectors(_rows(moment, item_ids)).mean(axis=0)
    return vectors


def _rows(moment: Moment, item_ids: Sequence[str]) -> Rows:
    rows = moment.index.rows(item_ids)
    if (rows < 0).any():
        raise WrongCall(f"item {item_ids[int(np.argmax(rows < 0))]!r} is not in the catalogue")
    return rows


@stage("encode")
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


@stage("encode")
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
