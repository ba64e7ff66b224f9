"""Groups: what several users will like together."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from plait.errors import WrongCall
from plait.flows.recipients import Recipients
from plait.flows.recommend import Asker, askers, out_of, rankings_for, user_side
from plait.list_rules import PLAIN, ListRules
from plait.live import Live
from plait.moment import Moment
from plait.ranking import Ranking
from plait.rules.checks import rules_for
from plait.rules.left_out import left_out_of_any
from plait.selection import Selection
from ranker.together import Strategy

MOST_MEMBERS = 100
"""All candidates are scored for every member: a larger group would take much memory."""


def recommend_group(
    live: Live, user_ids: Sequence[str], selection: Selection, rules: ListRules = PLAIN, *,
    strategy: Strategy = Strategy.AVERAGE, include_seen: bool = False,
) -> Ranking:  # fmt: skip
    """Return one ranking for all users together, of what none of them has seen; see `ranker.together`.

    Each user counts once. One who is not known counts by what is popular, and a note says so. Where one member speaks
    for the others, each item names that one. Raises WrongCall for a group of none, and of more than MOST_MEMBERS.
    """
    members = list(dict.fromkeys(user_id.strip() for user_id in user_ids if user_id.strip()))
    if not 1 <= len(members) <= MOST_MEMBERS:
        raise WrongCall(f"a group of {len(members)} users: expected 1 to {MOST_MEMBERS}")
    moment = live.refresh()
    asked = askers(live, members, so="what is popular counts in place of their taste")
    users = Recipients(user_side(moment, asked), strategy)
    ruled = rules_for(moment, rules)
    out = left_out_of_any([out_of(moment, who, ruled, include_seen) for who in asked])
    group = Asker(notes=tuple(note for who in asked for note in who.notes))
    (ranking,) = rankings_for(moment, [group], users, selection, ruled, [out])
    if strategy is not Strategy.AVERAGE:
        ranking = _named(moment, ranking, users, members)
    return replace(ranking, query_id=",".join(members))


def _named(moment: Moment, ranking: Ranking, users: Recipients, members: Sequence[str]) -> Ranking:
    """Return the ranking with the member whose parts each item has."""
    rows = moment.index.rows([item.item_id for item in ranking.items])
    speakers = users.opinions(moment, rows[None]).argmax(axis=0) if len(rows) else np.empty(0, dtype=np.int64)
    items = zip(ranking.items, speakers.tolist(), strict=True)
    return replace(ranking, items=tuple(replace(item, member=members[speaker]) for item, speaker in items))
