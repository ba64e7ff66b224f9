"""Onboard: which few items to ask a new user about, so that the answers help most to find what else they will like."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from index import IdMap
from index.vector_index import Mask, Rows
from plait.history import read_log
from plait.live import Live
from plait.moment import Moment
from plait.ranking import Ranking
from plait.selection import Selection
from ranker.onboarding import questions
from ranker.onboarding_trials import tried_questions
from ranker.taste import Taste
from ranker.taste_fit import NOISE, fit_taste

QUESTIONS = 5
"""How many are asked unless somebody says otherwise: more tire a new user."""
LEAST_USERS = 20
"""Users with events, below which items are chosen by content alone."""


def onboard(live: Live, selection: Selection) -> Ranking:
    """Return the items to ask about, the best first; a score is by how much the answers lift a new user's NDCG@10.

    They are chosen one after the other, each beside those before it: by trial on the users of the log, behind those by
    what they tell, and where the log tells nothing (more), by content: both of these score 0. The answers are events
    like any others, to be recorded. The same workspace gives the same questions.
    """
    moment = live.refresh()
    allowed = moment.eligible(selection)
    living = moment.index.alive.copy() if allowed is None else allowed & moment.index.alive
    rows, gains, notes = _by_the_log(live, moment, living, selection.depth)
    living[rows] = False
    if len(rows) < selection.depth and living.any():
        more = _by_content(moment, living, selection.depth - len(rows))
        rows, gains = np.concatenate([rows, more]), np.concatenate([gains, np.zeros(len(more))])
    shown = slice(selection.offset, selection.depth)
    parts: list[Mapping[str, float]] = [{"gain": gain} for gain in gains[shown].tolist()]
    return Ranking(moment.ranked(rows[shown], gains[shown], parts, selection.offset), moment.name, notes)


def _by_the_log(
    live: Live, moment: Moment, living: Mask, limit: int
) -> tuple[Rows, NDArray[np.float64], tuple[str, ...]]:
    """Return rows of the index, what each gains, and a note where the log is too small to choose by."""
    rows = _by_id(moment, np.flatnonzero(moment.index.alive))
    log = read_log(live.workspace, IdMap(moment.index.item_ids(rows)))
    if len(log.user_ids) < LEAST_USERS:
        note = f"the log has {len(log.user_ids)} users, fewer than {LEAST_USERS}: the questions are chosen by content"
        return np.empty(0, dtype=np.int64), np.empty(0), (note,)
    interactions = log.interactions()
    chosen, gains = tried_questions(fit_taste(interactions).taste, interactions, living[rows], limit)
    return rows[chosen], gains, ()


def _by_content(moment: Moment, living: Mask, limit: int) -> Rows:
    """Return rows of the index that tell most of the others, were a taste what it likes of the fused vectors."""
    rows = _by_id(moment, np.flatnonzero(living))
    vectors = moment.index.vectors(rows)
    count = len(rows)
    nothing, everybody = np.zeros(count, np.float32), np.ones(count, np.float32)
    noise = NOISE * float((vectors**2).sum(axis=1).mean()) / max(vectors.shape[1], 1)
    chosen, _ = questions(
        Taste(nothing, vectors, nothing, vectors, everybody, max(noise, 1e-9)), np.ones(count, np.bool_), limit
    )
    rest = np.setdiff1d(np.arange(count), chosen)[: limit - len(chosen)]
    return np.asarray(rows[np.concatenate([chosen, rest])], dtype=np.int64)


def _by_id(moment: Moment, rows: Rows) -> Rows:
    """Return rows in the order of their ids, so that no equal gain is decided by the order of the catalogue."""
    ids = moment.index.item_ids(rows)
    return rows[np.asarray(sorted(range(len(rows)), key=ids.__getitem__), dtype=np.int64)]
