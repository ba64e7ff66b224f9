"""BM25 by the book, one document at a time: Robertson and Zaragoza (2009), eq. 3.15 with the fields of 3.6."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from index.words import document_tokens, query_tokens


def slow_evidence(query: str, documents: Mapping[int, Sequence[str]]) -> dict[int, float]:
    """Return the evidence for each document (title, description) by row."""
    frequencies: dict[int, Counter[str]] = {}
    lengths: dict[int, float] = {}
    for row, (title, description) in documents.items():
        of_title, title_length = document_tokens(title)
        of_rest, rest_length = document_tokens(description)
        counted: Counter[str] = Counter()
        for token in of_title:
            counted[token] += 3
        for token in of_rest:
            counted[token] += 1
        if title or description:
            frequencies[row], lengths[row] = counted, 3 * title_length + rest_length
    mean = sum(lengths.values()) / len(lengths) if lengths else 0.0
    evidence = dict.fromkeys(documents, 0.0)
    tokens = query_tokens(query)
    idf = {}
    for token in tokens:
        having = sum(token in counted for counted in frequencies.values())
        idf[token] = math.log(1 + (len(frequencies) - having + 0.5) / (having + 0.5))
    most = sum(idf.values())
    for row, counted in frequencies.items():
        bm25 = cover = 0.0
        for token in tokens:
            f = min(counted[token], 255)
            if f:
                bm25 += idf[token] * f / (f + 1.2 * (1 - 0.75 + 0.75 * lengths[row] / mean)) / most
                cover += idf[token] / most
        evidence[row] = cover**6 * (1 + bm25) / 2
    return evidence
