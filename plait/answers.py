"""Answers: what an open workspace answers; a thin face over the flows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack, overload

import numpy as np

from embedders.items import Item, Strand
from plait.errors import WrongCall
from plait.exposing import UNLOGGED, Exposing, ExposingOptions, exposing_of
from plait.flows.audience import Audience, audience
from plait.flows.cold_start import ColdStart, cold_start
from plait.flows.explain import items_of_kind_told, recommend_described_told, recommend_told, search_told
from plait.flows.ingest import OnError
from plait.flows.onboard import QUESTIONS, onboard
from plait.flows.profile import Profile, profile
from plait.flows.recommend import asker_of_history, askers
from plait.flows.score import Scores, score
from plait.flows.search import Query
from plait.flows.suggest_friends import suggest_friends
from plait.flows.users_like import AlikeUsers, users_like
from plait.kind import Kind
from plait.lexical_files import LEXICAL
from plait.list_rules import PLAIN, ListRules, rules_of
from plait.live import Live
from plait.ranking import Ranking
from plait.rules.checks import check_rules
from plait.selection import Selection, SelectionOptions, selection_of
from plait.tables import Table
from plait.workspace import Workspace


class Answers:
    """What a `Recommender` answers: rankings, scores, profiles. Only `log_exposure` writes anything."""

    def __init__(self, workspace: Workspace, *, beside: bool = False) -> None:
        """Use `Recommender.open` or `Recommender.build`."""
        self._live = Live(workspace, beside=beside)

    @property
    def workspace(self) -> Workspace:
        """The open workspace: its settings and its store."""
        return self._live.workspace

    @property
    def live(self) -> Live:
        """What this process holds of it in memory."""
        return self._live

    @overload
    def search(
        self, text: str | None = ..., *, image: str | Path | None = ..., audio: str | Path | None = ...,
        weights: Mapping[str, float] | None = ..., like: Sequence[str] = ..., unlike: Sequence[str] = ...,
        user: str = ..., **options: Unpack[SelectionOptions],
    ) -> Ranking: ...  # fmt: skip
    @overload
    def search(
        self, text: list[str], *, weights: Mapping[str, float] | None = ..., like: Sequence[str] = ...,
        unlike: Sequence[str] = ..., user: str = ..., **options: Unpack[SelectionOptions],
    ) -> list[Ranking]: ...  # fmt: skip
    def search(
        self, text: str | list[str] | None = None, *, image: str | Path | None = None,
        audio: str | Path | None = None, weights: Mapping[str, float] | None = None,
        like: Sequence[str] = (), unlike: Sequence[str] = (), user: str = "", **options: Unpack[SelectionOptions],
    ) -> Ranking | list[Ranking]:  # fmt: skip
        """Find items by words, a picture, a sound, examples, or all of them; a list of words gives a list of rankings.

        `like` and `unlike` are ids of items; with `user` that user's taste is one part more.
        """
        selection, more = selection_of(options), (tuple(like), tuple(unlike), user)
        if text is not None and not isinstance(text, str):
            queries = [Query("", words, "", "", *more) for words in text]
            return self.search_queries(queries, selection, weights=weights)
        query = Query("", text or "", str(image or ""), str(audio or ""), *more)
        return self.search_queries([query], selection, weights=weights)[0]

    def search_queries(
        self, queries: Sequence[Query], selection: Selection, *, weights: Mapping[str, float] | None = None
    ) -> list[Ranking]:
        """Answer queries of any strands, in the order given; `weights` may name `lexical` beside the strands."""
        return search_told(self._live, queries, selection, weights=_checked(weights, (*Strand, LEXICAL)))

    @overload
    def similar(
        self, item_id: str, *, kind: str = ..., weights: Mapping[str, float] | None = ...,
        **options: Unpack[SelectionOptions],
    ) -> Ranking: ...  # fmt: skip
    @overload
    def similar(
        self, item_id: list[str], *, kind: str = ..., weights: Mapping[str, float] | None = ...,
        **options: Unpack[SelectionOptions],
    ) -> list[Ranking]: ...  # fmt: skip
    def similar(
        self, item_id: str | list[str], *, kind: str = Kind.CONTENT, weights: Mapping[str, float] | None = None,
        **options: Unpack[SelectionOptions],
    ) -> Ranking | list[Ranking]:  # fmt: skip
        """Find items like an item, or like each of a list, or what goes with it: `kind` bought-together or next.

        Raises WrongCall for an unknown item or kind.
        """
        selection = selection_of(options)
        if isinstance(item_id, str):
            return self.similar_items([item_id], selection, kind=kind, weights=weights)[0]
        return self.similar_items(item_id, selection, kind=kind, weights=weights)

    def similar_items(
        self, item_ids: Sequence[str], selection: Selection, *, kind: str = Kind.CONTENT,
        weights: Mapping[str, float] | None = None,
    ) -> list[Ranking]:  # fmt: skip
        """Find items like each of some items, or what goes with each."""
        if kind not in list(Kind):
            raise WrongCall(f"kind {kind!r}: expected one of {', '.join(Kind)}")
        return items_of_kind_told(self._live, item_ids, selection, kind=Kind(kind), weights=_by_strand(weights))

    @overload
    def users_like(self, user_id: str, *, limit: int = ..., offset: int = ...) -> AlikeUsers: ...
    @overload
    def users_like(self, user_id: list[str], *, limit: int = ..., offset: int = ...) -> list[AlikeUsers]: ...
    def users_like(
        self, user_id: str | list[str], *, limit: int = 10, offset: int = 0
    ) -> AlikeUsers | list[AlikeUsers]:
        """Find users whose taste is like a user's, or like each of a list; an unknown user gets a note."""
        if isinstance(user_id, str):
            return users_like(self._live, [user_id], Selection(limit, offset))[0]
        return users_like(self._live, user_id, Selection(limit, offset))

    def suggest_friends(self, user_id: str, *, limit: int = 10, offset: int = 0) -> AlikeUsers:
        """Suggest whom a user might know, by common friends and alike taste; an unknown user gets a note."""
        return suggest_friends(self._live, [user_id], Selection(limit, offset))[0]

    @overload
    def recommend(self, user_id: str, *, include_seen: bool = ..., **options: Unpack[ExposingOptions]) -> Ranking: ...
    @overload
    def recommend(
        self, user_id: list[str], *, include_seen: bool = ..., **options: Unpack[ExposingOptions]
    ) -> list[Ranking]: ...
    def recommend(
        self, user_id: str | list[str], *, include_seen: bool = False, **options: Unpack[ExposingOptions]
    ) -> Ranking | list[Ranking]:
        """Recommend to a user, or to each of a list; an unknown user gets popular items and a note.

        `diversity` (0 to 1), `max_per` (attribute: items a value) and `group_by` (one item a value) make the list;
        `exclude` (ids), `pins` (item: place), `boosts` (expression: logit), `objective` and `at` (Unix seconds) are
        rules beside those of plait.toml. With `log_exposure` what is shown is written down, and new items are explored
        as plait.toml says unless `explore` is False; `seed` draws the same from the same state. Raises WrongCall for
        rules that do not fit the catalogue.
        """
        selection = selection_of(options, also=ExposingOptions.__optional_keys__)
        made = selection, rules_of(options), exposing_of(options)
        if isinstance(user_id, str):
            return self.recommend_users([user_id], *made, include_seen=include_seen)[0]
        return self.recommend_users(user_id, *made, include_seen=include_seen)

    def check_rules(self) -> None:
        """Raise BadData, one line, where rules of plait.toml do not fit the catalogue; what serves asks this first."""
        check_rules(self._live.refresh())

    def recommend_users(
        self, user_ids: Sequence[str], selection: Selection, rules: ListRules = PLAIN, expose: Exposing = UNLOGGED,
        *, include_seen: bool = False,
    ) -> list[Ranking]:  # fmt: skip
        """Recommend to users, in the order given."""
        asked = askers(self._live, user_ids)
        return recommend_told(self._live, asked, selection, rules, expose, include_seen=include_seen)

    def recommend_history(
        self, item_ids: Sequence[str], selection: Selection, rules: ListRules = PLAIN, *, include_seen: bool = False
    ) -> Ranking:
        """Recommend to somebody who liked items, oldest first."""
        asked = asker_of_history(self._live, [item_id.strip() for item_id in item_ids if item_id.strip()])
        return recommend_told(self._live, [asked], selection, rules, include_seen=include_seen)[0]

    def recommend_description(self, text: str, selection: Selection, rules: ListRules = PLAIN) -> Ranking:
        """Recommend to somebody whose taste is described in words."""
        return recommend_described_told(self._live, text, selection, rules)

    def cold_start(
        self, *, title: str = "", description: str = "", image: str | Path | None = None,
        audio: str | Path | None = None, attributes: Mapping[str, str] | None = None,
        **options: Unpack[SelectionOptions],
    ) -> ColdStart:  # fmt: skip
        """Say what a new item is like and whom it suits."""
        item = Item("", title, description, str(image or ""), str(audio or ""))
        return cold_start(self._live, item, attributes or {}, selection_of(options))

    def audience(self, item_id: str, *, limit: int = 10, offset: int = 0) -> Audience:
        """Find the users whom an item suits best and who have not met it. Raises WrongCall for an unknown item."""
        return audience(self._live, item_id, Selection(limit, offset))

    def score(self, pairs: Table, *, on_error: OnError = "stop") -> Scores:
        """Score a table of user_id, item_id and maybe rating."""
        return score(self._live, pairs, on_error=on_error)

    def profile(self, user_id: str, *, limit: int = 10) -> Profile:
        """Return what a user's taste is made of."""
        return profile(self._live, user_id, limit=limit)

    def onboard(self, **options: Unpack[SelectionOptions]) -> Ranking:
        """Choose the few items to ask a new user about; a score is by how much answers lift their NDCG@10."""
        return onboard(self._live, selection_of({"limit": QUESTIONS, **options}))

    def user_ids(self) -> list[str]:
        """Return every user the store knows."""
        return self._live.workspace.store.user_ids()

    def titles(self, item_ids: Sequence[str]) -> dict[str, str]:
        """Return the title of each item the catalogue has."""
        return self._live.workspace.store.titles(item_ids)

    def vectors(self, item_ids: Sequence[str]) -> "np.ndarray[Any, np.dtype[np.float32]]":
        """Return the fused vectors (n, dimension) of items. Raises WrongCall for an unknown one."""
        index = self._live.refresh().index
        rows = index.rows(list(item_ids))
        if (rows < 0).any():
            raise WrongCall(f"item {item_ids[int(np.argmax(rows < 0))]!r} is not in the catalogue")
        return index.vectors(rows)


def _by_strand(weights: Mapping[str, float] | None) -> dict[Strand, float] | None:
    checked = _checked(weights, tuple(Strand))
    return None if checked is None else {Strand(name): value for name, value in checked.items()}


def _checked(weights: Mapping[str, float] | None, names: Sequence[str]) -> dict[str, float] | None:
    if weights is None:
        return None
    wrong = WrongCall(f"weights {dict(weights)}: expected numbers from 0 for {', '.join(names)}")
    try:
        given = {str(name): float(value) for name, value in weights.items()}
    except (TypeError, ValueError) as error:
        raise wrong from error
    if not set(given) <= set(names) or not all(0 <= value < float("inf") for value in given.values()):
        raise wrong
    return given
