"""Postings: for each token the rows that have it, and how often; arrays that can stay on disk."""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from index.vector_index import Mask, Rows
from index.words import document_tokens

Document = Sequence[str]
"""The fields of one item, title first, in the order of FIELD_WEIGHTS; a missing one is ""."""
FIELD_WEIGHTS = (3, 1)
"""How often a word of title and description counts: a title says what an item is."""
MOST = 255
"""The largest frequency that is told apart; at 20 a word counts for nearly all it can."""
Tokens = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """Token i of `tokens` (v,) uint64 hashes, ascending, stands in the rows `rows[starts[i] : starts[i + 1]]`.

    `rows` (p,) int32 ascend for each token, `frequencies` (p,) uint8 count how often it stands there, `starts`
    (v + 1,) are int64.
    """

    tokens: Tokens
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    frequencies: NDArray[np.uint8]

    def find(self, token: int) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Return rows and frequencies (k,) of a token, none where no row has it."""
        place = int(np.searchsorted(self.tokens, np.uint64(token)))
        if place == len(self.tokens) or self.tokens[place] != token:
            return self.rows[:0], self.frequencies[:0]
        here = slice(int(self.starts[place]), int(self.starts[place + 1]))
        return self.rows[here], self.frequencies[here]


def token_hash(token: str) -> int:
    """Return 64 bits that stand for a token: among ten million, one pair in 400,000 such vocabularies is equal."""
    return int.from_bytes(blake2b(token.encode(errors="replace"), digest_size=8).digest(), "little")


def document_digest(document: Document) -> int:
    """Return 64 bits that tell whether an item's text is still the same; 0 for one without any text."""
    return (token_hash("\x00".join(document)) or 1) if any(document) else 0


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """Documents d as `postings` of rows 0..d - 1, with `lengths` (d,) float32 in weighted words and `digests` (d,)."""

    postings: Postings
    lengths: NDArray[np.float32]
    digests: Tokens


def make_postings(documents: Iterable[Document]) -> Made:
    """Return the postings of documents, which stream."""
    known: dict[str, int] = {}
    tokens, counts, sizes, lengths, digests = array("i"), array("B"), array("i"), array("f"), array("Q")
    for document in documents:
        frequencies: Counter[str] = Counter()
        weighted = 0
        for field, weight in zip(document, FIELD_WEIGHTS, strict=True):
            found, length = document_tokens(field)
            weighted += weight * length
            for token in found:
                frequencies[token] += weight
        tokens.extend([known.setdefault(token, len(known)) for token in frequencies])
        counts.extend([min(count, MOST) for count in frequencies.values()])
        sizes.append(len(frequencies))
        lengths.append(weighted)
        digests.append(document_digest(document))
    hashes = np.fromiter(map(token_hash, known), dtype=np.uint64, count=len(known))
    rows = np.repeat(np.arange(len(sizes), dtype=np.int32), np.asarray(sizes, dtype=np.int32))
    postings = _sorted(hashes, np.asarray(tokens, dtype=np.int32), rows, np.asarray(counts, dtype=np.uint8))
    return Made(postings, np.asarray(lengths, dtype=np.float32), np.asarray(digests, dtype=np.uint64))


def merge_postings(parts: Sequence[tuple[Postings, Mask]], places: Rows) -> Postings:
    """Return one set of postings of those rows of each part that its mask (row_count,) keeps.

    Row r becomes `places[r]`. No row is kept in two parts.
    """
    hashes = np.concatenate([postings.tokens for postings, _ in parts])
    tokens, rows, frequencies = [], [], []
    before = 0
    for postings, kept in parts:
        chosen = kept[postings.rows]
        own = np.arange(before, before + len(postings.tokens), dtype=np.int32)
        before += len(postings.tokens)
        tokens.append(np.repeat(own, np.diff(postings.starts))[chosen])
        rows.append(places[postings.rows[chosen]].astype(np.int32))
        frequencies.append(postings.frequencies[chosen])
    return _sorted(hashes, np.concatenate(tokens), np.concatenate(rows), np.concatenate(frequencies))


def _sorted(
    hashes: Tokens, tokens: NDArray[np.int32], rows: NDArray[np.int32], frequencies: NDArray[np.uint8]
) -> Postings:
    """Return the postings of (token, row, frequency) triples (p,) in any order; `tokens` are places in `hashes`.

    They are sorted by counting, which takes no memory beyond what comes in and goes out.
    """
    from scipy.sparse import coo_array

    distinct, columns = np.unique(hashes, return_inverse=True)
    shape = (int(rows.max()) + 1 if len(rows) else 0, len(distinct))
    table = coo_array((frequencies, (rows, columns.astype(np.int32)[tokens])), shape=shape).tocsc()
    table.sort_indices()
    used = np.diff(table.indptr) > 0
    starts = np.append(table.indptr[:-1][used], len(rows)).astype(np.int64)
    return Postings(distinct[used], starts, table.indices.astype(np.int32), table.data)
