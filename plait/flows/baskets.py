"""Baskets: what goes with all of what somebody is about to buy."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plait.flows.paired import log_lifts
from plait.flows.recipients import Recipients
from plait.flows.recommend import asker_of_history, out_of, rankings_for, user_side
from plait.kind import Kind
from plait.list_rules import PLAIN, ListRules
from plait.live import Live
from plait.moment import Moment
from plait.ranking import Ranking
from plait.rules.checks import rules_for
from plait.selection import Selection

WEIGHT = 3.0
"""What the logarithm of a lift counts in the logit of an item."""


def recommend_basket(live: Live, item_ids: Sequence[str], selection: Selection, rules: ListRules = PLAIN) -> Ranking:
    """Return what goes with a basket, without its items: what suits somebody who liked them, and is bought with them.

    To the parts of the ranker comes `together`: WEIGHT times the sum, over the basket, of the logarithm of the shrunk
    lift (see `plait.flows.paired`), 0 for what was not bought together with an item more often than by chance. Raises
    WrongCall for an unknown item, and for none at all.
    """
    basket = list(dict.fromkeys(item_id.strip() for item_id in item_ids if item_id.strip()))
    asked = asker_of_history(live, basket, named="--basket")
    moment = live.refresh()
    users = Recipients(user_side(moment, [asked]), goes_with=WEIGHT * _together(moment, basket))
    ruled = rules_for(moment, rules)
    out = out_of(moment, asked, ruled, include_seen=False)
    (ranking,) = rankings_for(moment, [asked], users, selection, ruled, [out])
    return replace(ranking, query_id=",".join(basket))


def _together(moment: Moment, basket: Sequence[str]) -> NDArray[np.float64]:
    """Return (row_count,) the sum of the logarithms of each item's lifts after the items of a basket."""
    total = np.zeros(moment.index.row_count)
    for item_id in basket:
        rows, lifts = log_lifts(moment, item_id, Kind.BOUGHT_TOGETHER, moment.index.alive)
        total[rows] += lifts
    return total
