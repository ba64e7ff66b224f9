"""The lexical index of a snapshot, and how much it counts beside the vectors."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from embedders.fusion import Fusion
from embedders.items import Item
from index.lexical import LexicalIndex, build_lexical
from index.lexical_storage import has_lexical, read_lexical
from index.postings import Document
from plait.errors import BadData
from plait.store import Store
from plait.store.chunks import chunks

LEXICAL = "lexical"
"""The name of the strand of words: of its part, its weight, and its entry among a snapshot's details."""
WEIGHTS = (1.0, 5.0)
"""Where none was chosen: among bare cosines, and among calibrated scores."""


def document_of(item: Item) -> Document:
    """Return what an item is found by in words: the content of the text strand, its title told apart."""
    return item.title, item.description


def open_lexical(folder: Path, store: Store, item_ids: Sequence[str]) -> LexicalIndex:
    """Return the lexical index in a snapshot's `folder` whose rows are `item_ids`.

    A snapshot of an earlier version has none, or one of other words: then it is made of the store's texts, which takes
    longer; the next build writes it. Raises BadData where it belongs to other items, ValueError where it is broken.
    """
    if not has_lexical(folder):
        return stored_lexical(store, item_ids)
    lexical = read_lexical(folder)
    if lexical.row_count != len(item_ids):
        raise BadData(f"{folder} has the words of {lexical.row_count} items; expected {len(item_ids)}")
    return lexical


def stored_lexical(store: Store, item_ids: Sequence[str]) -> LexicalIndex:
    """Return the lexical index of the present texts of items, row by row; one that was removed has none."""

    def documents() -> Iterator[Document]:
        for chunk in chunks(item_ids):
            stored = store.items_by_id(chunk)
            yield from (document_of(stored[item_id].item) if item_id in stored else ("", "") for item_id in chunk)

    return build_lexical(documents())


def lexical_weight_of(details: Mapping[str, Any], fusion: Fusion) -> float:
    """Return the weight chosen when a snapshot with these `details` was built."""
    chosen = details.get(LEXICAL, {})
    return float(chosen.get("weight", default_weight(fusion)))


def default_weight(fusion: Fusion) -> float:
    """Return the weight of words where none could be chosen."""
    return WEIGHTS[len(fusion.strands) > 1]
