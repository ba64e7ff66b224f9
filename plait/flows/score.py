"""Score: pairs of users and items, and how well ratings are predicted."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from plait.catalog import RowError, read_pairs
from plait.flows.ingest import OnError, skipped, stop_on
from plait.flows.recommend import askers, sigmoid, user_side
from plait.live import Live
from plait.output import check_output
from plait.tables import Table, open_table

USERS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """A user, an item, the rating the user gave (None for none), and the score."""

    user_id: str
    item_id: str
    rating: float | None
    score: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Pairs in the order given; RMSE and MAE of the predicted ratings, None without ratings."""

    pairs: tuple[ScoredPair, ...]
    rmse: float | None = None
    mae: float | None = None
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the scores as `--json` prints them."""
        pairs = [{"user_id": p.user_id, "item_id": p.item_id, "score": p.score} for p in self.pairs]
        errors = {name: value for name, value in (("rmse", self.rmse), ("mae", self.mae)) if value is not None}
        return {"pairs": pairs, **errors}


def score(live: Live, table: Table, *, on_error: OnError = "stop") -> Scores:
    """Return `score = sigmoid(sum of parts)` of each pair; an unknown item is a bad row, an unknown user is not."""
    rows = open_table(table, "pairs")
    moment = live.refresh()
    errors: list[RowError] = []
    pairs = []
    for read in read_pairs(rows):
        if read.error is not None:
            errors.append(read.error)
        elif read.value is not None:
            pairs.append((read.place, read.value))
    places = moment.index.rows([pair.item_id for _, pair in pairs])
    for (place, pair), row in zip(pairs, places.tolist(), strict=True):
        if row < 0:
            errors.append(RowError(rows.name, place, "item_id", f"{pair.item_id!r} is not in the catalogue"))
    stop_on(errors, rows.name, on_error, so="nothing was scored")
    kept = [(pair, row) for (_, pair), row in zip(pairs, places.tolist(), strict=True) if row >= 0]
    scores: dict[tuple[str, int], float] = {}
    by_user: dict[str, list[int]] = {}
    for pair, row in kept:
        by_user.setdefault(pair.user_id, []).append(row)
    names = list(by_user)
    for start in range(0, len(names), USERS_AT_ONCE):
        asked = askers(live, names[start : start + USERS_AT_ONCE])
        users = user_side(moment, asked)
        width = max(len(by_user[who.user_id]) for who in asked)
        candidates = np.full((len(asked), width), -1, dtype=np.int64)
        for line, who in enumerate(asked):
            candidates[line, : len(by_user[who.user_id])] = by_user[who.user_id]
        vectors = moment.index.vectors(np.maximum(candidates, 0))
        values = sigmoid(moment.models.ranker.score(users, moment.items, candidates, vectors).logits)
        for who, mine, given in zip(asked, candidates.tolist(), values.tolist(), strict=True):
            scores.update({(who.user_id, row): value for row, value in zip(mine, given, strict=True) if row >= 0})
    scored = tuple(ScoredPair(pair.user_id, pair.item_id, pair.rating, scores[pair.user_id, row]) for pair, row in kept)
    return _judged(live, scored, (*moment.notes, *skipped(errors)))


def _judged(live: Live, pairs: tuple[ScoredPair, ...], notes: tuple[str, ...]) -> Scores:
    rated = [pair for pair in pairs if pair.rating is not None]
    models = live.refresh().models
    if not rated:
        return Scores(pairs, notes=notes)
    if models.ratings is None:
        return Scores(pairs, notes=(*notes, "no rating model: train on a log with ratings to predict them"))
    users = models.user_ids.rows([pair.user_id for pair in rated])
    items = models.item_ids.rows([pair.item_id for pair in rated])
    error = models.ratings.predict(users, items) - np.asarray([pair.rating for pair in rated], dtype=np.float64)
    return Scores(pairs, float(np.sqrt((error**2).mean())), float(np.abs(error).mean()), notes)


def write_scores(path: Path, scores: Scores) -> None:
    """Write rows `user_id, item_id, score` by the file's ending. Raises WrongCall as `check_output` does."""
    check_output(path)
    rows = [(pair.user_id, pair.item_id, pair.score) for pair in scores.pairs]
    columns = ("user_id", "item_id", "score")
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([columns, *rows])
    elif path.suffix == ".jsonl":
        lines = [json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n" for row in rows]
        path.write_text("".join(lines), encoding="utf-8")
    else:
        import pyarrow as pa
        import pyarrow.parquet as pq

        kinds = (pa.string(), pa.string(), pa.float64())
        arrays = [pa.array([row[place] for row in rows], kind) for place, kind in enumerate(kinds)]
        pq.write_table(pa.table(arrays, names=list(columns)), path)
