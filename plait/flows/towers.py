"""Towers: texts as the models of pictures and sounds read them themselves."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from embedders.encoder import Encoder, Vectors, text_tower
from embedders.encoding import encode_cached
from embedders.items import Strand
from embedders.kept_words import KeptWords
from embedders.tower import Tower, make_words
from plait.assembly import common_words
from plait.store import StoredItem
from plait.workspace import OwnEncoder, Workspace


def catalogue_towers(
    workspace: Workspace, chunks: Iterable[Sequence[StoredItem]], vectors: Mapping[Strand, Vectors]
) -> dict[Strand, Tower]:
    """Return the tower of each strand in `vectors` whose model has one, for the items of `chunks` in their order.

    Texts that were read before come out of the cache; where the text strand is encoded by the same tower, nothing
    is encoded again. None where the text strand holds own vectors, as then no text can be asked.
    """
    towers = _text_towers(workspace, vectors)
    if not towers:
        return {}
    texts = vectors.get(Strand.TEXT)
    if texts is None:
        words = common_words()
        encoder = KeptWords(workspace.encoder(Strand.TEXT), workspace.cache)
        kept = {strand: KeptWords(tower, workspace.cache) for strand, tower in towers.items()}
        return {strand: make_words(tower, encoder, words) for strand, tower in kept.items()}
    parts: dict[Strand, list[Vectors]] = {strand: [] for strand in towers}
    for chunk in chunks:
        contents = [stored.item.content(Strand.TEXT) if stored.hashes.get(Strand.TEXT) else "" for stored in chunk]
        for strand, tower in towers.items():
            parts[strand].append(encode_cached(tower, contents, workspace.cache).vectors)
    found = {}
    for strand, tower in towers.items():
        nothing = np.zeros((0, tower.dimension), np.float32)
        found[strand] = Tower(np.concatenate([nothing, *parts[strand]]), nothing, np.zeros((0, 0), np.float32))
    return found


def tower_queries(
    workspace: Workspace, contents: Sequence[str], strands: Iterable[Strand], asked: Mapping[Strand, Vectors]
) -> dict[Strand, Vectors]:
    """Return the texts of queries, "" for none, as the towers of `strands` encode them, zero rows for no text.

    `asked` are the queries as they were encoded: where its texts are of the same tower they are taken from there.
    """
    used = [place for place, content in enumerate(contents) if content]
    rows: dict[Strand, Vectors] = {}
    if not used:
        return rows
    for strand, tower in _text_towers(workspace, strands).items():
        if Strand.TEXT in asked and tower.fingerprint == workspace.encoder(Strand.TEXT).fingerprint:
            rows[strand] = asked[Strand.TEXT]
            continue
        rows[strand] = np.zeros((len(contents), tower.dimension), np.float32)
        rows[strand][used] = tower.encode([contents[place] for place in used])
    return rows


def _text_towers(workspace: Workspace, strands: Iterable[Strand]) -> dict[Strand, Encoder]:
    if isinstance(workspace.encoder(Strand.TEXT), OwnEncoder):
        return {}
    found = {strand: text_tower(workspace.encoder(strand)) for strand in strands}
    return {strand: tower for strand, tower in found.items() if tower is not None}
