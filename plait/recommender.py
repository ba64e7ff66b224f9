"""Recommender: a thin face over the flows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack, overload

import numpy as np

from embedders.device import Device
from embedders.items import Item, Strand
from plait.counts import Counts, EventTally
from plait.errors import WrongCall
from plait.evaluation.results import Results
from plait.flows.build import build
from plait.flows.check_leaks import LeakCheck, check_leaks
from plait.flows.cold_start import ColdStart, cold_start
from plait.flows.evaluate import evaluate
from plait.flows.ingest import OnError, Progress
from plait.flows.learn import add_items, record, remove_items, update_items
from plait.flows.onboard import QUESTIONS, onboard
from plait.flows.paired import items_of_kind
from plait.flows.personal import search_for
from plait.flows.profile import Profile, profile
from plait.flows.recommend import asker_of_history, askers, recommend, recommend_described
from plait.flows.score import Scores, score
from plait.flows.search import Query
from plait.flows.suggest_friends import suggest_friends
from plait.flows.train import Say, train
from plait.flows.users_like import AlikeUsers, users_like
from plait.kind import Kind
from plait.lexical_files import LEXICAL
from plait.list_rules import PLAIN, ListRules, RecommendOptions, rules_of
from plait.live import Live
from plait.ranking import Ranking
from plait.selection import Selection, SelectionOptions, selection_of
from plait.tables import Table
from plait.workspace import Machine, Workspace


class Recommender:
    """An open workspace: search, similar items, recommendations, and everything that changes them.

    Every ranking takes `limit`, `offset`, `where` and `candidates`. What another process records, adds or removes is
    in the very next answer.
    """

    def __init__(self, workspace: Workspace) -> None:
        """Use `open` or `build`."""
        self._live = Live(workspace)

    @classmethod
    def open(cls, folder: str | Path, *, device: Device = "auto", allow_download: bool = False) -> "Recommender":
        """Open the workspace in `folder`. Raises WrongCall where there is none."""
        return cls(Workspace.open(Path(folder), machine=Machine(device, allow_download)))

    @classmethod
    def build(
        cls, folder: str | Path, *, items: Table, interactions: Table | None = None, users: Table | None = None,
        relations: Table | None = None, vectors: Mapping[str, Path] | None = None, media_root: str | Path | None = None,
        bundle: str | None = None, prune: bool = False, on_error: OnError = "stop", seed: int = 0,
        device: Device = "auto", allow_download: bool = False, progress: Progress | None = None,
    ) -> "Recommender":  # fmt: skip
        """Build a workspace, or bring the one there up to date, and open it."""
        machine = Machine(device, allow_download)
        root = None if media_root is None else Path(media_root)
        build(
            Path(folder), items=items, interactions=interactions, users=users, relations=relations, vectors=vectors,
            media_root=root, bundle=bundle, prune=prune, on_error=on_error, seed=seed, machine=machine,
            progress=progress,
        )  # fmt: skip
        return cls(Workspace.open(Path(folder), machine=machine))

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
        return search_for(self._live, queries, selection, weights=_checked(weights, (*Strand, LEXICAL)))

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
        return items_of_kind(self._live, item_ids, selection, kind=Kind(kind), weights=_by_strand(weights))

    @overload
    def users_like(self, user_id: str, *, limit: int = ..., offset: int = ...) -> AlikeUsers: ...
    @overload
    def users_like(self, user_id: list[str], *, limit: int = ..., offset: int = ...) -> list[AlikeUsers]: ...
    def users_like(
        self, user_id: str | list[str], *, limit: int = 10, offset: int = 0
    ) -> AlikeUsers | list[AlikeUsers]:
        """Find users whose taste is like a user's, or like each of a list; an unknown user gets a note."""
        found = users_like(self._live, [user_id] if isinstance(user_id, str) else user_id, Selection(limit, offset))
        return found[0] if isinstance(user_id, str) else found

    def suggest_friends(self, user_id: str, *, limit: int = 10, offset: int = 0) -> AlikeUsers:
        """Suggest whom a user might know, by common friends and alike taste; an unknown user gets a note."""
        return suggest_friends(self._live, [user_id], Selection(limit, offset))[0]

    @overload
    def recommend(self, user_id: str, *, include_seen: bool = ..., **options: Unpack[RecommendOptions]) -> Ranking: ...
    @overload
    def recommend(
        self, user_id: list[str], *, include_seen: bool = ..., **options: Unpack[RecommendOptions]
    ) -> list[Ranking]: ...
    def recommend(
        self, user_id: str | list[str], *, include_seen: bool = False, **options: Unpack[RecommendOptions]
    ) -> Ranking | list[Ranking]:
        """Recommend to a user, or to each of a list; an unknown user gets popular items and a note.

        `diversity` (0 to 1), `max_per` (attribute: items a value) and `group_by` (one item a value) make the list.
        """
        selection, rules = selection_of(options), rules_of(options)
        if isinstance(user_id, str):
            return self.recommend_users([user_id], selection, rules, include_seen=include_seen)[0]
        return self.recommend_users(user_id, selection, rules, include_seen=include_seen)

    def recommend_users(
        self, user_ids: Sequence[str], selection: Selection, rules: ListRules = PLAIN, *, include_seen: bool = False
    ) -> list[Ranking]:
        """Recommend to users, in the order given."""
        return recommend(self._live, askers(self._live, user_ids), selection, rules, include_seen=include_seen)

    def recommend_history(
        self, item_ids: Sequence[str], selection: Selection, rules: ListRules = PLAIN, *, include_seen: bool = False
    ) -> Ranking:
        """Recommend to somebody who liked items, oldest first."""
        asked = asker_of_history(self._live, [item_id.strip() for item_id in item_ids if item_id.strip()])
        return recommend(self._live, [asked], selection, rules, include_seen=include_seen)[0]

    def recommend_description(self, text: str, selection: Selection, rules: ListRules = PLAIN) -> Ranking:
        """Recommend to somebody whose taste is described in words."""
        return recommend_described(self._live, text, selection, rules)

    def cold_start(
        self, *, title: str = "", description: str = "", image: str | Path | None = None,
        audio: str | Path | None = None, attributes: Mapping[str, str] | None = None,
        **options: Unpack[SelectionOptions],
    ) -> ColdStart:  # fmt: skip
        """Say what a new item is like and whom it suits."""
        item = Item("", title, description, str(image or ""), str(audio or ""))
        return cold_start(self._live, item, attributes or {}, selection_of(options))

    def score(self, pairs: Table, *, on_error: OnError = "stop") -> Scores:
        """Score a table of user_id, item_id and maybe rating."""
        return score(self._live, pairs, on_error=on_error)

    def profile(self, user_id: str, *, limit: int = 10) -> Profile:
        """Return what a user's taste is made of."""
        return profile(self._live, user_id, limit=limit)

    def onboard(self, **options: Unpack[SelectionOptions]) -> Ranking:
        """Choose the few items to ask a new user about; a score is by how much answers lift their NDCG@10."""
        return onboard(self._live, selection_of({"limit": QUESTIONS, **options}))

    def record(self, interactions: Table, *, on_error: OnError = "stop") -> EventTally:
        """Record interactions; they are durable when this returns."""
        return record(self._live, interactions, on_error=on_error)

    def add_items(
        self, items: Table, *, media_root: str | Path | None = None, on_error: OnError = "stop",
        progress: Progress | None = None,
    ) -> Counts:  # fmt: skip
        """Add items, or replace those that are there."""
        root = None if media_root is None else Path(media_root)
        return add_items(self._live, items, media_root=root, on_error=on_error, progress=progress)

    def update_items(
        self, items: Table, *, media_root: str | Path | None = None, on_error: OnError = "stop",
        progress: Progress | None = None,
    ) -> Counts:  # fmt: skip
        """Change the given columns of items that are there."""
        root = None if media_root is None else Path(media_root)
        return update_items(self._live, items, media_root=root, on_error=on_error, progress=progress)

    def remove_items(self, item_ids: Sequence[str]) -> Counts:
        """Remove items; their events stay."""
        return remove_items(self._live, item_ids)

    def train(
        self, *, budget: str = "10m", seed: int = 0, progress: Say | None = None, plan: str | Path | None = None,
        began: float | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Learn from the log within `budget`, or as the file `plan` says, and return what was learnt from what."""
        path = None if plan is None else Path(plan)
        return train(self._live, budget=budget, seed=seed, progress=progress, plan=path, began=began)

    def evaluate(
        self, protocol: str, *, seeds: int | None = None, models: Sequence[str] | None = None,
        cuts: Sequence[int] = (10,), pair: str | None = None, hide_by: str | None = None, where: str | None = None,
        rankings: Mapping[str, Table] | None = None, save_splits: str | Path | None = None,
        splits: str | Path | None = None, ablate: bool = False, report: str | Path | None = None,
        seed: int | None = None, progress: Say | None = None,
    ) -> Results:  # fmt: skip
        """Measure the recommender on this catalogue and log; nothing of the workspace changes."""
        folder, saved, loaded = (None if path is None else Path(path) for path in (report, save_splits, splits))
        return evaluate(
            self._live, protocol, seeds=seeds, models=models, cuts=tuple(cuts), pair=pair, hide_by=hide_by,
            where=where or "", rankings=rankings, save_splits=saved, splits=loaded, ablate=ablate, report=folder,
            seed=seed, progress=progress,
        )  # fmt: skip

    def check_leaks(
        self, protocol: str, *, seeds: int | None = None, models: Sequence[str] | None = None,
        cuts: Sequence[int] = (10,), pair: str | None = None, hide_by: str | None = None, where: str | None = None,
        report: str | Path | None = None, seed: int | None = None, progress: Say | None = None,
    ) -> list[LeakCheck]:  # fmt: skip
        """Find out whether any figure of `evaluate` depends on what no model should read."""
        folder = None if report is None else Path(report)
        return check_leaks(
            self._live, protocol, seeds=seeds, models=models, cuts=tuple(cuts), pair=pair, hide_by=hide_by,
            where=where or "", report=folder, seed=seed, progress=progress,
        )  # fmt: skip

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
