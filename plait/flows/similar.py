"""Similar: items whose content is like an item's."""

from collections.abc import Mapping, Sequence

from embedders.items import Strand
from index.vector_index import Rows
from plait.errors import WrongCall
from plait.flows.nearest import incomparable, nearest_items
from plait.live import Live
from plait.moment import Moment
from plait.ranking import Ranking
from plait.selection import Selection


def similar(
    live: Live, item_ids: Sequence[str], selection: Selection, *, weights: Mapping[Strand, float] | None = None
) -> list[Ranking]:
    """Return one ranking an item, without the item itself. Raises WrongCall for an unknown item."""
    moment = live.refresh()
    rows = known_rows(moment, item_ids)
    query = moment.fusion.as_query(moment.index.vectors(rows), weights=weights)
    answers = nearest_items(moment, query, selection, excluded=[rows[[place]] for place in range(len(rows))])
    return [
        Ranking(items, moment.name, incomparable(items), query_id=item_id)
        for item_id, items in zip(item_ids, answers, strict=True)
    ]


def known_rows(moment: Moment, item_ids: Sequence[str]) -> Rows:
    """Return the rows (n,) of items. Raises WrongCall for one that the catalogue has not."""
    rows = moment.index.rows(item_ids)
    unknown = [item_id for item_id, row in zip(item_ids, rows.tolist(), strict=True) if row < 0]
    if unknown:
        raise WrongCall(f"item {unknown[0]!r} is not in the catalogue")
    return rows
