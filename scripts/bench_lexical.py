"""Measure what words cost a search: index, changes, memory, and answers with and without them, in turn.

The catalogue is random unit vectors with texts of words drawn by Zipf's law, about as many and as long as those of a
shop; a query is three words of an item, with the vector of another item, so that no encoder is timed.
"""

import time
from collections.abc import Callable
from typing import Any

import faiss
import numpy as np
import typer

from index.hits import best_hits
from index.lexical import LexicalIndex, build_lexical
from scripts.bench_index import DIMENSION, random_vectors
from scripts.figures import Json, Rounds, Seed, Sizes, compare_at
from scripts.interleaved import interleaved

WORDS = 80
"""Words of an item."""
VOCABULARY = 50_000
NEIGHBOURS = 200


def texts_of(count: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    """Return titles of four words and descriptions of WORDS, and a model number each."""
    names = np.asarray([_word(number) for number in range(VOCABULARY)])
    drawn = np.minimum(rng.zipf(1.3, size=(count, WORDS + 4)) - 1, VOCABULARY - 1)
    rows = names[drawn]
    return [
        (" ".join(row[:4]), f"{' '.join(row[4:])} {_word(number + VOCABULARY)}-{number}")
        for number, row in enumerate(rows.tolist())
    ]


def _word(number: int) -> str:
    letters = "etaoinshrdlucmfwypvbgk"
    word = ""
    while number or not word:
        number, place = divmod(number, len(letters))
        word += letters[place]
    return word + "en" * (len(word) < 3)


def compare(count: int, rounds: int, seed: int) -> dict[str, Any]:
    """Return seconds to build, megabytes held, and median milliseconds of answers of each kind."""
    rng = np.random.default_rng(seed)
    documents = texts_of(count, rng)
    started = time.perf_counter()
    lexical = build_lexical(documents)
    built = time.perf_counter() - started
    vectors = random_vectors(count, rng)
    flat = faiss.IndexFlatIP(DIMENSION)
    flat.add(vectors)
    chosen = rng.integers(count, size=rounds)
    short = [" ".join(documents[row][1].split()[-3:]) for row in chosen.tolist()]
    long = [documents[row][1] for row in chosen.tolist()]
    changed = _changed(lexical, documents)
    runs: dict[str, Callable[[int], object]] = {
        "vectors": lambda turn: flat.search(vectors[turn : turn + 1], NEIGHBOURS),
        "words": lambda turn: _best(lexical, short[turn]),
        "words_after_changes": lambda turn: _best(changed, short[turn]),
        "words_of_a_page": lambda turn: _best(lexical, long[turn]),
        "one_change": lambda turn: lexical.changed(np.asarray([turn]), [("New name", "of an item")]),
    }
    interleaved(runs, min(rounds, 10))
    times = interleaved(runs, rounds)
    postings = lexical.segments[0].postings
    held = sum(array.nbytes for array in (postings.tokens, postings.starts, postings.rows, postings.frequencies))
    figures: dict[str, Any] = {"items": count, "build_s": round(built, 1), "postings_mb": round(held / 1e6, 1)}
    for name, pairs in times.items():
        figures[f"{name}_ms"] = round(float(np.median([pair[0] for pair in pairs])), 3)
    return figures


def _best(lexical: LexicalIndex, text: str) -> object:
    """Do what a search does with words: score all rows, and take those that say most."""
    scores = lexical.scores([text])[0]
    rows = np.flatnonzero(scores > 0)
    return best_hits(scores[rows][None], NEIGHBOURS)


def _changed(lexical: LexicalIndex, documents: list[tuple[str, str]]) -> LexicalIndex:
    """Return the index after a tenth of the items changed, in batches, the last ones one by one."""
    count = len(documents)
    step = max(count // 100, 1)
    for start in range(0, count // 10, step):
        rows = np.arange(start, start + step)
        lexical = lexical.changed(rows, [("Changed", documents[row][1]) for row in rows.tolist()])
    for row in range(20):
        lexical = lexical.changed(np.asarray([row]), [("Changed again", documents[row][1])])
    return lexical


def main(items: Sizes = None, rounds: Rounds = 200, seed: Seed = 0, as_json: Json = False) -> None:
    """Compare a lexical search with a scan of the vectors, one after the other, on one thread."""
    compare_at(compare, items, rounds, seed, as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
