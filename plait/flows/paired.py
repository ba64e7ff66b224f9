"""Paired: items that people bought together with an item, or liked next, counted in the log."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from embedders.items import Strand
from index.vector_index import Mask, Rows
from plait.flows.nearest import nearest_items
from plait.flows.similar import known_rows, similar
from plait.kind import Kind
from plait.live import Live
from plait.moment import Moment
from plait.ranking import RankedItem, Ranking
from plait.selection import Selection
from ranker.followings import Followings, Reach

REACH = {Kind.BOUGHT_TOGETHER: Reach(seconds=7 * 86_400.0, in_session=True), Kind.NEXT: Reach(places=1)}
"""A week, or the same session, for what is bought together; for what comes next, the very next liking."""
LEAST_SUPPORT = 2
"""A pair that fewer users made is none."""
PRIOR = 5.0
"""How many users that chance would give outweigh what was counted; see `ranker.followings`."""
DONE = {Kind.BOUGHT_TOGETHER: "bought together with", Kind.NEXT: "liked next after"}
PARTS = ("counted", "chance")


def items_of_kind(
    live: Live,
    item_ids: Sequence[str],
    selection: Selection,
    *,
    kind: Kind,
    weights: Mapping[Strand, float] | None = None,
) -> list[Ranking]:
    """Return one ranking an item, without the item itself: of what is like it, or of what goes with it.

    What goes with it comes first, by the logarithm of the shrunk lift; then what is like it, which a note says.
    Raises WrongCall for an unknown item.
    """
    if kind is Kind.CONTENT:
        return similar(live, item_ids, selection, weights=weights)
    moment = live.refresh()
    rows = known_rows(moment, item_ids)
    allowed = moment.eligible(selection)
    answers = []
    for item_id, row in zip(item_ids, rows.tolist(), strict=True):
        places, found = _found(moment, item_id, kind, moment.index.alive if allowed is None else allowed)
        items = _paired(moment, places, found, selection)
        notes: tuple[str, ...] = ()
        if len(places) < selection.depth:
            query = moment.fusion.as_query(moment.index.vectors(np.asarray([row])), weights=weights)
            rest = replace(selection, limit=selection.depth - len(places), offset=0)
            like = nearest_items(moment, query, rest, excluded=[np.append(places, row)])[0]
            behind = _behind(like, len(places), selection)
            items, notes = items + behind, _filled(item_id, kind, len(places)) if behind else ()
        answers.append(Ranking(items, moment.name, notes, query_id=item_id))
    return answers


def _filled(item_id: str, kind: Kind, count: int) -> tuple[str, ...]:
    """Return the note for an answer of which only the first `count` ranks go with the item."""
    if not count:
        return (f"nothing eligible was {DONE[kind]} {item_id!r} often enough: these items are like it by content",)
    return (f"the first {count} were {DONE[kind]} {item_id!r}: the items after them are like it by content",)


def _found(moment: Moment, item_id: str, kind: Kind, allowed: Mask) -> tuple[Rows, Followings]:
    """Return the rows of what goes with an item more often than by chance, best first, and their counts."""
    item_ids, counted = moment.live.liked.followings(
        item_id, REACH[kind], bought=kind is Kind.BOUGHT_TOGETHER, support=LEAST_SUPPORT
    )
    rows = moment.index.rows(item_ids)
    scores = _scores(counted)
    open_to = (rows >= 0) & (rows < len(allowed)) & (scores > 0)
    open_to[open_to] = allowed[rows[open_to]]
    order = np.lexsort((rows, -scores))
    order = order[open_to[order]]
    return rows[order], counted.take(order)


def log_lifts(moment: Moment, item_id: str, kind: Kind, allowed: Mask) -> tuple[Rows, NDArray[np.float64]]:
    """Return the rows of what goes with an item more often than by chance, and the logarithms of the shrunk lifts."""
    rows, found = _found(moment, item_id, kind, allowed)
    return rows, _scores(found)


def _scores(counted: Followings) -> NDArray[np.float64]:
    return np.asarray(sum(counted.logs(PRIOR)))


def _paired(moment: Moment, rows: Rows, found: Followings, selection: Selection) -> tuple[RankedItem, ...]:
    """Return the part of `rows` that is asked for, each with its parts, support and lift."""
    shown = np.arange(len(rows))[selection.offset : selection.depth]
    cut = found.take(shown)
    parts = [dict(zip(PARTS, values, strict=True)) for values in np.stack(cut.logs(PRIOR), axis=1).tolist()]
    items = moment.ranked(rows[shown], _scores(cut), parts, selection.offset)
    counts = zip(cut.support.tolist(), cut.lift.tolist(), strict=True)
    pairs = [{"support": support, "lift": lift} for support, lift in counts]
    return tuple(replace(item, pair=pair) for item, pair in zip(items, pairs, strict=True))


def _behind(like: Sequence[RankedItem], count: int, selection: Selection) -> tuple[RankedItem, ...]:
    """Return items of like content behind `count` others; the part `unpaired` keeps their scores below those."""
    unpaired = min(-like[0].score, 0.0) if like else 0.0
    behind = [
        replace(
            item, rank=count + item.rank, score=item.score + unpaired, parts={**item.parts, "unpaired": unpaired}
        )
        for item in like
    ]  # fmt: skip
    return tuple(item for item in behind if item.rank > selection.offset)
