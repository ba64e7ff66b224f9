"""Recommender: a thin face over the flows that make and change a workspace; `plait.answers` has those that answer."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from embedders.device import Device
from plait.answers import Answers
from plait.contexts import Contexts
from plait.counts import Counts, EventTally
from plait.errors import WrongCall
from plait.evaluation.results import Results
from plait.flows.build import build
from plait.flows.check_leaks import LeakCheck, check_leaks
from plait.flows.evaluate import evaluate
from plait.flows.ingest import OnError, Progress
from plait.flows.learn import add_items, record, remove_items, update_items
from plait.flows.learner import Learner, Round
from plait.flows.merge_users import merge_user
from plait.flows.reencode import check_alone
from plait.flows.reencode import reencode as reencode_items
from plait.flows.train import Say, train
from plait.keeping import Keeping
from plait.live import Live
from plait.tables import Table
from plait.workspace import Machine, Workspace


class Recommender(Answers, Contexts, Keeping):
    """An open workspace: search, similar items, recommendations, and everything that changes them.

    Every ranking takes `limit`, `offset`, `where` and `candidates`. What another process records, adds or removes is
    in the very next answer.
    """

    _learner: Learner | None = None

    @classmethod
    def open(
        cls, folder: str | Path, *, device: Device = "auto", allow_download: bool = False, beside: bool = False
    ) -> "Recommender":
        """Open the workspace in `folder`. Raises WrongCall where there is none.

        With `beside` no answer waits for a new index or model: the one before answers until a thread has loaded it.
        """
        return cls(Workspace.open(Path(folder), machine=Machine(device, allow_download)), beside=beside)

    @classmethod
    def build(
        cls, folder: str | Path, *, items: Table | None = None, interactions: Table | None = None,
        users: Table | None = None, relations: Table | None = None, vectors: Mapping[str, Path] | None = None,
        media_root: str | Path | None = None, bundle: str | None = None, prune: bool = False,
        on_error: OnError = "stop", seed: int = 0, device: Device = "auto", allow_download: bool = False,
        progress: Progress | None = None, reencode: bool = False, store: str | None = None,
    ) -> "Recommender":  # fmt: skip
        """Build a workspace, or bring the one there up to date, and open it.

        `store` is the URL of a database of PostgreSQL for a workspace that is new. With `reencode`, which takes no
        tables, all of its items are encoded by the encoders that plait.toml names by now, while other processes go on
        answering.
        """
        machine = Machine(device, allow_download)
        root = None if media_root is None else Path(media_root)
        if reencode:
            check_alone([items, interactions, users, relations, vectors, root, bundle, prune or None, store])
            reencode_items(Path(folder), seed=seed, machine=machine)
            return cls(Workspace.open(Path(folder), machine=machine))
        if items is None:
            raise WrongCall("items is missing; only with reencode=True none are needed")
        build(
            Path(folder), items=items, interactions=interactions, users=users, relations=relations, vectors=vectors,
            media_root=root, bundle=bundle, prune=prune, on_error=on_error, seed=seed, machine=machine,
            progress=progress, store=store,
        )  # fmt: skip
        return cls(Workspace.open(Path(folder), machine=machine, store=store))

    def record(self, interactions: Table, *, on_error: OnError = "stop") -> EventTally:
        """Record interactions; they are durable when this returns."""
        return record(self._live, interactions, on_error=on_error)

    def merge_user(self, anonymous_id: str, user_id: str) -> int:
        """Let what `anonymous_id` did and was shown be that of `user_id`, as on login; return how many events moved."""
        return merge_user(self._live, anonymous_id, user_id)

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
        began: float | None = None, judged: bool = False, why: str = "",
    ) -> dict[str, Any]:  # fmt: skip
        """Learn from the log within `budget`, or as the file `plan` says, and return what was learnt from what.

        `judged` lets the models answer only where they are not worse than the present ones; `why` is told of them.
        """
        path = None if plan is None else Path(plan)
        return train(
            self._live, budget=budget, seed=seed, progress=progress, plan=path, began=began, judged=judged, why=why
        )

    def learn(self) -> list[Round]:
        """Learn from what was recorded since, a round at a time until nothing is left; see `plait tend`.

        What is learnt answers once it is judged; a round says what became of it. Raises BadData while another process
        learns.
        """
        self._learner = self._learner or Learner(Live(self._live.workspace))
        return list(iter(self._learner.round, None))

    def evaluate(
        self, protocol: str, *, seeds: int | None = None, models: Sequence[str] | None = None,
        cuts: Sequence[int] = (10,), pair: str | None = None, hide_by: str | None = None, where: str | None = None,
        rankings: Mapping[str, Table] | None = None, save_splits: str | Path | None = None,
        splits: str | Path | None = None, ablate: bool = False, curves: bool = False,
        report: str | Path | None = None, seed: int | None = None, progress: Say | None = None,
    ) -> Results:  # fmt: skip
        """Measure the recommender on this catalogue and log; nothing of the workspace changes."""
        folder, saved, loaded = (None if path is None else Path(path) for path in (report, save_splits, splits))
        return evaluate(
            self._live, protocol, seeds=seeds, models=models, cuts=tuple(cuts), pair=pair, hide_by=hide_by,
            where=where or "", rankings=rankings, save_splits=saved, splits=loaded, ablate=ablate, curves=curves,
            report=folder, seed=seed, progress=progress,
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
