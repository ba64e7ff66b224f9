"""A catalogue of drawn words in the space of the text encoder, and a log of planted tastes, to try a service with.

Words are syllables of 20 topics, drawn by the law of Zipf, so that the lists of the lexical index are long and short as
those of a language; a title is of one topic, and a user keeps to one.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from embedders.encoding import encode_cached
from embedders.items import Strand
from embedders.spaces import unit
from embedders.vector_cache import content_hash
from plait import Recommender
from plait.workspace import Workspace

READ = 2_000
"""Titles that the encoder reads; to read 100,000 takes longer than to measure. The others have mixtures of these."""
TOPICS = 20
WORDS_OF_TOPIC = 1_000
TITLE = 6
"""Words of a title."""
CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"


def words(rng: np.random.Generator, count: int) -> list[str]:
    """Return `count` different words of two or three syllables."""
    found: dict[str, None] = {}
    while len(found) < count:
        syllables = rng.integers(len(CONSONANTS) * len(VOWELS), size=int(rng.integers(2, 4))).tolist()
        found["".join(CONSONANTS[one // len(VOWELS)] + VOWELS[one % len(VOWELS)] for one in syllables)] = None
    return list(found)


def titles(count: int, rng: np.random.Generator) -> list[str]:
    """Return titles; the topic of each is its place modulo TOPICS."""
    known = np.asarray(words(rng, TOPICS * WORDS_OF_TOPIC)).reshape(TOPICS, WORDS_OF_TOPIC)
    chances = 1.0 / np.arange(1, WORDS_OF_TOPIC + 1)
    drawn = rng.choice(WORDS_OF_TOPIC, size=(count, TITLE), p=chances / chances.sum())
    return [" ".join(known[row % TOPICS, places]) for row, places in enumerate(drawn)]


def events(count: int, users: int, each: int, rng: np.random.Generator) -> list[dict[str, object]]:
    """Return what users did among `count` items, `each` an hour of clicks on items of one topic."""
    tastes = rng.integers(TOPICS, size=users)
    chosen = rng.integers(count // TOPICS, size=(users, each)) * TOPICS + tastes[:, None]
    return [
        {"user_id": f"user-{user}", "item_id": f"item-{row}", "timestamp": 1_700_000_000 + 60 * place}
        for user, rows in enumerate(chosen.tolist())
        for place, row in enumerate(rows)
    ]


def build_worded(folder: Path, count: int, users: int, each: int, *, budget: str, seed: int) -> Recommender:
    """Return a trained workspace in `folder` of `count` items and `users` with `each` events."""
    rng = np.random.default_rng(seed)
    items = [{"item_id": f"item-{row}", "title": title} for row, title in enumerate(titles(count, rng))]
    workspace = Recommender.build(folder, items=items[:READ]).workspace
    remember_others([item["title"] for item in items], workspace, rng)
    log = events(count, users, each, rng)
    recommender = Recommender.build(folder, items=items, interactions=log)
    recommender.train(budget=budget)
    return recommender


def remember_others(texts: Sequence[str], workspace: Workspace, rng: np.random.Generator) -> None:
    """Put vectors of all but the first READ texts into the cache: mixtures of two that were read, and some noise."""
    read = encode_cached(workspace.encoder(Strand.TEXT), texts[:READ], workspace.cache)
    for start in range(READ, len(texts), READ):
        some = texts[start : start + READ]
        # Of the same topic, as places stand modulo TOPICS.
        others = rng.integers(READ // TOPICS, size=len(some)) * TOPICS + np.arange(start, start + len(some)) % TOPICS
        noise = rng.standard_normal((len(some), read.vectors.shape[1])) / read.vectors.shape[1] ** 0.5
        mixed = read.vectors[: len(some)] + read.vectors[others] + 0.5 * noise
        rows = dict(zip([content_hash(Strand.TEXT, text) for text in some], unit(mixed), strict=True))
        workspace.cache.put(workspace.encoder(Strand.TEXT).fingerprint, rows)
