"""How much words count beside the vectors in a search, chosen on validation inside the catalogue.

Some items are cut short: of their description only the first half stays. They are searched for in four ways, each by
one query an item: by the title; by a word that no other has; by the half that was cut off, which the text does not hold
any more; and, where an item has a picture or sound, by the title of an item that has no text at all. What helps the
first two can hurt the others, so the mean over all decides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embedders.encoder import QueryEncoder, QuerySide, Vectors
from embedders.encoding import encode_cached
from embedders.fused_query import FusedQuery
from embedders.fusion import Fusion
from embedders.items import Item, Strand
from index.lexical import LexicalIndex, build_lexical
from index.postings import token_hash
from index.vector_index import Rows
from index.words import query_tokens
from plait.flows.towers import tower_queries
from plait.lexical_files import default_weight, document_of
from plait.workspace import OwnEncoder, Workspace

SAMPLE = 100
OTHERS = 2_000
"""Items that are searched for, and further ones among which they must be found."""
LEAST = 20
"""Below, the default weight is taken."""
FACTORS = (1.0, 2.0, 4.0, 6.0, 8.0, 12.0)
"""Candidates, in standard deviations of the vectors' scores."""
TOLERANCE = 0.01
"""Of candidates this near to the best the largest is taken: a name that is not found is a fault, where other losses are
of degree. On products 4 is best by a hair, and finds .93 of the model numbers that 8 finds all."""
DEPTH = 10
SHORTEST_HALF = 6
"""Words."""


Ask = Callable[[Sequence[str]], FusedQuery]
"""Makes queries of words, as a search does."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Queries of one kind: vectors' scores and evidence (q, n) of each row, and the row (q,) that is looked for."""

    by_vectors: NDArray[np.float64]
    evidence: NDArray[np.float32]
    own: Rows

    def gain(self, weight: float) -> float:
        """Return the mean reciprocal rank of what is looked for, 0 beyond DEPTH; a tie counts against it."""
        scores = self.by_vectors + weight * self.evidence
        own = scores[np.arange(len(self.own)), self.own]
        rank = (scores >= own[:, None]).sum(axis=1)
        return float(np.where(rank <= DEPTH, 1.0 / rank, 0.0).mean())


def fit_lexical(
    workspace: Workspace, item_ids: Sequence[str], vectors: Mapping[Strand, Vectors], fusion: Fusion,
    lexical: LexicalIndex,
) -> dict[str, float]:  # fmt: skip
    """Return the `weight` of words, the mean `gain` of its searches, and that of each kind with and without words.

    `vectors` are the raw ones of the items by strand, `lexical` has their words. Only `weight` where the texts have own
    vectors, as nothing encodes a query, or are too few. What is chosen depends on the texts alone, not on the ids or
    order of the items.
    """
    encoder = workspace.encoder(Strand.TEXT)
    rows = np.flatnonzero(lexical.digests)
    if len(rows) < LEAST or isinstance(encoder, OwnEncoder) or not {Strand.TEXT} <= fusion.own.keys() & vectors.keys():
        return {"weight": default_weight(fusion)}
    # Equal texts share a digest; the first bytes of a digest are as good as chance.
    rows = rows[np.argsort(lexical.digests[rows], kind="stable")][: SAMPLE + OTHERS]
    stored = workspace.store.items_by_id([item_ids[row] for row in rows.tolist()])
    rows = np.asarray([row for row in rows.tolist() if item_ids[row] in stored], dtype=np.int64)
    items = [stored[item_ids[row]].item for row in rows.tolist()]

    def encode(texts: Sequence[str]) -> Vectors:
        return encode_cached(encoder, texts, workspace.cache).vectors

    as_queries = QuerySide(encoder) if isinstance(encoder, QueryEncoder) else encoder
    towered = [strand for strand, text_map in fusion.text_maps.items() if text_map.tower is not None]

    def ask(texts: Sequence[str]) -> FusedQuery:
        asked = {Strand.TEXT: encode_cached(as_queries, texts, workspace.cache).vectors}
        return fusion.query(asked, towers=tower_queries(workspace, texts, towered, asked))

    probes = _probes(items, {strand: raw[rows] for strand, raw in vectors.items()}, fusion, encode, ask)
    # Nothing to ask, or vectors that are all the same: there is nothing to choose by.
    if not any(probe.by_vectors.std() > 0 for probe in probes.values()):
        return {"weight": default_weight(fusion)}
    return _chosen(probes)


def _chosen(probes: Mapping[str, Probe]) -> dict[str, float]:
    deviation = float(np.mean([probe.by_vectors.std() for probe in probes.values()]))
    gains = {
        factor: {kind: probe.gain(factor * deviation) for kind, probe in probes.items()} for factor in (0.0, *FACTORS)
    }
    means = {factor: float(np.mean(list(by_kind.values()))) for factor, by_kind in gains.items()}
    most = max(means[factor] for factor in FACTORS)
    best = max(factor for factor in FACTORS if means[factor] >= most - TOLERANCE)
    report = {"weight": best * deviation, "gain": means[best]}
    for kind in probes:
        report |= {f"{kind}.gain_without": gains[0.0][kind], f"{kind}.gain_with": gains[best][kind]}
    return report


def _probes(
    items: Sequence[Item], raw: Mapping[Strand, Vectors], fusion: Fusion, encode: Callable[[Sequence[str]], Vectors],
    ask: Ask,
) -> dict[str, Probe]:  # fmt: skip
    """Return the probes of the first SAMPLE of n items, by kind; a kind that no item can be asked in is absent."""
    sample = range(min(SAMPLE, len(items)))
    halves = [_halves(item.description) for item in items[:SAMPLE]]
    cut = [replace(item, description=first) for item, (first, _) in zip(items[:SAMPLE], halves, strict=True)]
    lexical = build_lexical([document_of(item) for item in (*cut, *items[SAMPLE:])])
    texts = np.array(raw[Strand.TEXT])
    texts[: len(cut)] = encode([item.text for item in cut])
    fused = fusion.fuse({**raw, Strand.TEXT: texts})
    others: dict[Strand, Vectors] = {strand: rows for strand, rows in raw.items() if strand is not Strand.TEXT}
    other = np.zeros(len(items), dtype=np.bool_)
    for rows in others.values():
        other |= rows.any(axis=1)
    queries = {
        "title": {row: cut[row].title for row in sample},
        "rare": {row: _rarest(cut[row], lexical) for row in sample},
        "rest": {row: halves[row][1] for row in sample},
        "hidden": {row: cut[row].title for row in sample if other[row]},
    }
    probes = {}
    for kind, asked in queries.items():
        asked = {row: text for row, text in asked.items() if text}
        if asked:
            query = ask(list(asked.values()))
            probe = _probe(asked, query, fused, lexical)
            probes[kind] = _without_text(probe, query, fusion, others) if kind == "hidden" else probe
    return probes


def _probe(asked: Mapping[int, str], query: FusedQuery, fused: Vectors, lexical: LexicalIndex) -> Probe:
    texts = list(asked.values())
    scores = [query[place : place + 1].rescore(fused[None]).scores for place in range(len(texts))]
    return Probe(np.concatenate(scores), lexical.scores(texts), np.asarray(list(asked), dtype=np.int64))


def _without_text(probe: Probe, query: FusedQuery, fusion: Fusion, others: Mapping[Strand, Vectors]) -> Probe:
    """Return the probe as if each item that is looked for had no text, while all others have theirs."""
    places = np.arange(len(probe.own))
    fused = fusion.fuse({strand: rows[probe.own] for strand, rows in others.items()})
    by_vectors, evidence = probe.by_vectors.copy(), probe.evidence.copy()
    by_vectors[places, probe.own] = query.rescore(fused[:, None]).scores[:, 0]
    evidence[places, probe.own] = 0.0
    return Probe(by_vectors, evidence, probe.own)


def _halves(description: str) -> tuple[str, str]:
    words = description.split()
    half = len(words) // 2
    if half < SHORTEST_HALF:
        return description, ""
    return " ".join(words[:half]), " ".join(words[half:])


def _rarest(item: Item, lexical: LexicalIndex) -> str:
    """Return a word that no other item of `lexical` has, "" where there is none."""
    tokens = sorted(query_tokens(item.text), key=token_hash)
    return next((token for token in tokens if len(token) > 2 and lexical.document_count(token) == 1), "")
