"""Asked: the searches of users as vectors, for what they asked for is part of their taste."""

from collections.abc import Sequence

import numpy as np

from embedders.encoder import Vectors
from plait.config import Events
from plait.errors import BadData, WrongCall
from plait.flows.search import Query, encode_queries, encode_towers
from plait.moment import Moment
from plait.records import Searched
from ranker.asked import Asked

SEARCH_WEIGHT = 0.5
"""What a search says of a taste where plait.toml gives the event no weight of its own: between a click and a save."""
MOST_REMEMBERED = 10_000
"""Queries whose vectors a process keeps; then it begins anew."""


def search_weight(config: Events) -> float:
    """Return the weight of a search in a profile; one of 0 or less keeps searches out of it."""
    return max(config.weights.get("search", SEARCH_WEIGHT), 0.0)


def vectors_of_texts(moment: Moment, texts: Sequence[str]) -> Vectors:
    """Return what texts ask for as unit vectors (n, D) in the space of the items, zero where nothing stands for it.

    Raises WrongCall where the texts of the workspace have own vectors.
    """
    queries = [Query(text=text) for text in texts]
    asked = encode_queries(moment.workspace, queries)
    towers = encode_towers(moment.workspace, moment.fusion, queries, asked)
    rows = moment.fusion.query(asked, towers=towers).vectors
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 1e-12, norms, 1.0), dtype=np.float32)


def asked_of(moment: Moment, searches: Sequence[Sequence[Searched]], now: np.ndarray) -> Asked | None:
    """Return the `searches` of m users, newest first, as vectors; None where they say nothing.

    `now` (m,) are the moments of their histories. A workspace that cannot encode texts passes searches over.
    """
    weight = search_weight(moment.live.workspace.config.events)
    width = max((len(mine) for mine in searches), default=0)
    if not width or not weight:
        return None
    try:
        remembered = _remembered(moment, list(dict.fromkeys(one.query for mine in searches for one in mine)))
    except (BadData, WrongCall):
        return None
    vectors = np.zeros((len(searches), width, moment.fusion.dimension), dtype=np.float32)
    weights = np.zeros((len(searches), width), dtype=np.float32)
    ages = np.zeros((len(searches), width), dtype=np.float64)
    for user, mine in enumerate(searches):
        for place, one in enumerate(mine):
            vectors[user, place] = remembered[one.query]
            weights[user, place] = weight * bool(vectors[user, place].any())
            ages[user, place] = now[user] - one.timestamp
    return Asked(vectors, weights, ages)


def _remembered(moment: Moment, texts: list[str]) -> dict[str, Vectors]:
    """Return the vector of each text, encoded once for as long as the index stays the same.

    Encoders and fusion go with the index; what is learnt from events, by a training or online, changes neither.
    """
    # Read once: other threads answer from the same memory, and may put that of another index in its place.
    number, kept = moment.live.queries
    if number != moment.number:
        kept = {}
        moment.live.queries = (moment.number, kept)
    found = {text: kept[text] for text in texts if text in kept}
    missing = [text for text in texts if text not in found]
    if missing:
        made = dict(zip(missing, vectors_of_texts(moment, missing), strict=True))
        if len(kept) + len(made) > MOST_REMEMBERED:
            # Another one: who reads the old one meanwhile finds in it what it found before.
            kept = {}
            moment.live.queries = (moment.number, kept)
        kept.update(made)
        found |= made
    return found
