"""Contexts: what a recommender answers for several people at once, for a visit, for a basket, and by values."""

from collections.abc import Iterable, Sequence
from typing import Unpack

from plait.asked_ids import asked_ids
from plait.errors import WrongCall
from plait.flows.baskets import recommend_basket
from plait.flows.groups import recommend_group
from plait.flows.sessions import recommend_sessions
from plait.flows.values import RankedValues, rank_values
from plait.list_rules import RULES, RecommendOptions, rules_of
from plait.live import Live
from plait.ranking import Ranking
from plait.selection import Selection, SelectionOptions, selection_of
from ranker.together import Strategy


class Contexts:
    """The part of a Recommender that is not about one user's whole history."""

    _live: Live

    def recommend_group(
        self, user_ids: Sequence[str], *, strategy: str = Strategy.AVERAGE, include_seen: bool = False,
        **options: Unpack[RecommendOptions],
    ) -> Ranking:  # fmt: skip
        """Recommend to several users together; `strategy` average, least-misery or most-pleasure.

        With the last two each item names, as `member`, whose parts it has. Raises WrongCall for no user.
        """
        if strategy not in list(Strategy):
            raise WrongCall(f"strategy {strategy!r}: expected one of {', '.join(Strategy)}")
        return recommend_group(
            self._live, asked_ids(user_ids, "user_ids"), _unworded(options, also=RULES), rules_of(options),
            strategy=Strategy(strategy), include_seen=include_seen,
        )  # fmt: skip

    def recommend_sessions(
        self, session_ids: Sequence[str], *, include_seen: bool = False, **options: Unpack[RecommendOptions]
    ) -> list[Ranking]:
        """Recommend for sessions, by what was done in each alone, in the order given; an unknown one gets a note."""
        selection = selection_of(options, also=RULES)
        ids = asked_ids(session_ids, "session_ids")
        return recommend_sessions(self._live, ids, selection, rules_of(options), include_seen=include_seen)

    def recommend_session(
        self, session_id: str, *, include_seen: bool = False, **options: Unpack[RecommendOptions]
    ) -> Ranking:
        """Recommend for one session."""
        return self.recommend_sessions([session_id], include_seen=include_seen, **options)[0]

    def recommend_basket(self, item_ids: Sequence[str], **options: Unpack[RecommendOptions]) -> Ranking:
        """Recommend what goes with all items of a basket. Raises WrongCall for an unknown one, and for none."""
        basket = asked_ids(item_ids, "item_ids")
        return recommend_basket(self._live, basket, _unworded(options, also=RULES), rules_of(options))

    def rank_values(
        self, user_id: str, attribute: str, *, include_seen: bool = False, **options: Unpack[SelectionOptions]
    ) -> RankedValues:
        """Rank the values of an attribute for a user: albums, channels, makers. Raises WrongCall for an unknown one."""
        return rank_values(self._live, [user_id], attribute, _unworded(options), include_seen=include_seen)[0]


def _unworded(options: SelectionOptions, *, also: Iterable[str] = ()) -> Selection:
    """Return the selection asked for. Raises WrongCall for a language: why an item suits is said to one user."""
    selection = selection_of(options, also=also)
    if selection.language:
        raise WrongCall("no sentences are made for groups, baskets and values; they say to one user why an item suits")
    return selection
