"""Lexical search: BM25 over the words of items, that takes changes while others search.

Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond", eq. 3.15, with the fields of
3.6: a word of the title counts as often as FIELD_WEIGHTS says. With the frequency f of a query's token t in a document
d, N documents, df(t) of which have t, and all sums over the tokens of the query,

    idf(t) = ln(1 + (N - df(t) + .5) / (df(t) + .5))
    bm25(d) = sum idf(t) f / (f + K1 (1 - B + B length(d) / mean length))  /  sum idf(t)
    cover(d) = sum of idf(t) of the tokens that d has  /  sum idf(t)
    evidence(d) = cover(d) ** SHARPNESS (1 + bm25(d)) / 2

The constant k1 + 1 is left out and the sum divided by what a document could reach at most. So evidence is in 0..1:
near 1 for a document that has all words asked, often, and next to nothing for one that has some common ones. Words
speak up where they name something, and are silent where only the meaning is alike, which vectors know better. All
counts are those of the present documents, so that a changed item weighs what it would in a new index.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.postings import Document, Postings, document_digest, make_postings, merge_postings, token_hash
from index.vector_index import Rows, Vectors
from index.words import query_tokens

K1 = 1.2
B = 0.75
SHARPNESS = 6
"""Measured on products and films. Exact names, rare words and model numbers are found at any; the larger, the less is
lost of what only vectors find: the mean reciprocal rank of products by their picture alone, among others with texts, is
.449 without words, .35 with them at 4 and .40 at 6. What misspelt titles gain shrinks: .35, .43, .37."""
MAIN = 0
"""The number of the segment that a snapshot holds; it is merged with no other."""
NOBODY = -1


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Postings that were made at once; `number` names them in `holders`, `dead` of their documents count no more."""

    number: int
    postings: Postings
    documents: int
    dead: int = 0


@dataclass(frozen=True, eq=False)
class LexicalIndex:
    """The words of the items at rows 0..row_count - 1, at one moment; it never changes, `changed` gives the next.

    `holders` (row_count,) int32 name the segment that has the present document of a row, NOBODY where there is none;
    `lengths` (row_count,) float32 and `digests` (row_count,) uint64 are of the same documents, else 0.
    """

    segments: tuple[Segment, ...]
    holders: NDArray[np.int32]
    lengths: NDArray[np.float32]
    digests: NDArray[np.uint64]

    @property
    def row_count(self) -> int:
        """The number of rows, those without a document included."""
        return len(self.holders)

    def __len__(self) -> int:
        """Return the number of documents."""
        return sum(segment.documents - segment.dead for segment in self.segments)

    def scores(self, texts: Sequence[str]) -> Vectors:
        """Return the evidence (m, row_count) for each row in the words of each query: 0 without one in common."""
        found = np.zeros((len(texts), self.row_count), dtype=np.float32)
        if len(self):
            for place, text in enumerate(texts):
                self._add_evidence(sorted(map(token_hash, query_tokens(text))), found[place])
        return found

    @cached_property
    def _norms(self) -> NDArray[np.float32]:
        """What length adds to the frequency of a word in the quotient of BM25, (row_count,)."""
        mean = max(float(self.lengths.sum(dtype=np.float64)) / len(self), 1e-9)
        return np.asarray(K1 * (1 - B) + K1 * B / mean * self.lengths, dtype=np.float32)

    def _add_evidence(self, tokens: list[int], cover: NDArray[np.float32]) -> None:
        """Write the evidence to `cover` (row_count,), which is zero."""
        bm25 = np.zeros_like(cover)
        count, most = len(self), 0.0
        for token in tokens:
            pieces = [self._living(segment, token) for segment in self.segments]
            having = sum(len(rows) for rows, _ in pieces)
            weight = np.float32(np.log1p((count - having + 0.5) / (having + 0.5)))
            most += float(weight)
            for rows, frequencies in pieces:
                often = frequencies.astype(np.float32)
                places = rows.astype(np.int64)
                # Three times as fast as cover[rows] += weight.
                np.add.at(cover, places, weight)
                np.add.at(bm25, places, weight * often / (often + self._norms.take(places)))
        cover /= max(most, 1e-9)
        bm25 /= max(most, 1e-9)
        # In place: a power of SHARPNESS by multiplication is 20 times as fast as by numpy's.
        np.multiply.reduce([cover] * SHARPNESS, axis=0, out=cover)
        cover *= (1 + bm25) / 2

    def _living(self, segment: Segment, token: int) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        rows, frequencies = segment.postings.find(token)
        if not segment.dead or not len(rows):
            return rows, frequencies
        living = self.holders[rows] == segment.number
        return rows[living], frequencies[living]

    def document_count(self, token: str) -> int:
        """Return how many documents have a token of `index.words`."""
        return sum(len(self._living(segment, token_hash(token))[0]) for segment in self.segments)

    def changed(
        self, rows: Rows, documents: Sequence[Document], *, removed: Rows | None = None, row_count: int | None = None
    ) -> "LexicalIndex":
        """Return the next index, in which distinct `rows` (d,) have these documents, and those `removed` none.

        There are at least `row_count` rows. A document that is as it was keeps its place. Raises ValueError for rows
        and documents of different number, and for a row outside.
        """
        if len(rows) != len(documents):
            raise ValueError(f"documents are {len(documents)}; expected {len(rows)}, one a row")
        grown = self._with_rows(max(self.row_count, row_count or 0))
        if len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < grown.row_count:
            raise ValueError(f"rows holds {rows.min()}..{rows.max()}; expected 0..{grown.row_count - 1}")
        digests = np.fromiter(map(document_digest, documents), dtype=np.uint64, count=len(documents))
        new = np.flatnonzero(grown.digests[rows] != digests)
        gone = rows[new] if removed is None else np.concatenate((removed, rows[new]))
        without = grown._without(gone[grown.holders[gone] != NOBODY])
        filled = new[digests[new] != 0]
        if not len(filled):
            return without
        filled = filled[np.argsort(rows[filled])]
        return without._with(rows[filled], [documents[place] for place in filled.tolist()])._merged()

    def _with_rows(self, count: int) -> "LexicalIndex":
        more = count - self.row_count
        return replace(
            self,
            holders=np.append(self.holders, np.full(more, NOBODY, dtype=np.int32)),
            lengths=np.append(self.lengths, np.zeros(more, dtype=np.float32)),
            digests=np.append(self.digests, np.zeros(more, dtype=np.uint64)),
        )

    def _without(self, rows: Rows) -> "LexicalIndex":
        """Return the index without the documents of `rows`; it owns its arrays, which are written to."""
        rows = np.unique(rows)
        numbers, deaths = np.unique(self.holders[rows], return_counts=True)
        dead = dict(zip(numbers.tolist(), deaths.tolist(), strict=True))
        self.holders[rows], self.lengths[rows], self.digests[rows] = NOBODY, 0, 0
        return replace(self, segments=tuple(replace(s, dead=s.dead + dead.get(s.number, 0)) for s in self.segments))

    def _with(self, rows: Rows, documents: Sequence[Document]) -> "LexicalIndex":
        number = 1 + max((segment.number for segment in self.segments), default=MAIN)
        made = make_postings(documents)
        postings = replace(made.postings, rows=rows[made.postings.rows].astype(np.int32))
        self.holders[rows], self.lengths[rows], self.digests[rows] = number, made.lengths, made.digests
        return replace(self, segments=(*self.segments, Segment(number, postings, len(rows))))

    def _merged(self) -> "LexicalIndex":
        """Return the index with segments joined while the last is half as large as the one before.

        So there are at most a logarithm of them, and a document is moved as often.
        """
        segments = list(self.segments)
        while len(segments) > 1 and segments[-2].number != MAIN:
            before, last = segments[-2:]
            if 2 * last.documents < before.documents:
                break
            parts = [(segment.postings, self.holders == segment.number) for segment in (before, last)]
            living = before.documents - before.dead + last.documents - last.dead
            self.holders[self.holders == last.number] = before.number
            segments[-2:] = [Segment(before.number, merge_postings(parts, np.arange(self.row_count)), living)]
        return replace(self, segments=tuple(segments))

    def compacted(self, rows: Rows) -> "LexicalIndex":
        """Return the index of distinct `rows` (n,) alone, which become 0..n - 1, in one segment."""
        chosen = np.zeros(self.row_count, dtype=np.bool_)
        chosen[rows] = True
        places = np.full(self.row_count, NOBODY, dtype=np.int64)
        places[rows] = np.arange(len(rows))
        parts = [(s.postings, chosen & (self.holders == s.number)) for s in self.segments]
        held = self.holders[rows] != NOBODY
        postings = merge_postings(parts, places) if parts else make_postings(()).postings
        main = Segment(MAIN, postings, int(np.count_nonzero(held)))
        holders = np.where(held, MAIN, NOBODY).astype(np.int32)
        return LexicalIndex((main,), holders, self.lengths[rows], self.digests[rows])


def build_lexical(documents: Iterable[Document]) -> LexicalIndex:
    """Return the index of documents, which stream, at rows 0..n - 1; one whose fields are all "" is none."""
    made = make_postings(documents)
    held = made.digests != 0
    holders = np.where(held, MAIN, NOBODY).astype(np.int32)
    main = Segment(MAIN, made.postings, int(np.count_nonzero(held)))
    return LexicalIndex((main,), holders, made.lengths, made.digests)
