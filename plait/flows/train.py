"""Train: the log and the catalogue in, a model snapshot out."""

import json
import resource
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index import IdMap
from plait import snapshot
from plait.attributes import AttributeType
from plait.cleaning import tireless_users
from plait.errors import BadData, WrongCall
from plait.features import fit_features
from plait.flows.log_without import log_without
from plait.flows.trial import HeldBack, hold_back, is_no_worse, told_of_trial
from plait.history import Log, read_log
from plait.item_table import ItemTable
from plait.live import Live
from plait.model_files import Models, write_models
from plait.raw_vectors import item_features
from plait.schedule import seconds_of_budget
from plait.user_features import KnownUsers
from plait.workspace import Fence, Workspace
from ranker.fit import RankerFit, fit_ranker
from ranker.interactions import Floats
from ranker.item_features import ItemFeatures
from ranker.learning_plan import Plan
from ranker.new_users import AboutUsers
from ranker.rating import RatingModel, fit_ratings

Say = Callable[[str], None]
PUBLISHING = 2.0
"""Seconds of the budget that are left for ratings, writing and publishing, and a twentieth of it besides."""
TRAINING = ".training"
"""Within the folder of models: how far a training has come. It is removed once its models are published."""


@dataclass(frozen=True, slots=True)
class TrainingItems:
    """The living items in index order: ids, fused vectors (n, D), and what is known of them without events."""

    item_ids: IdMap
    vectors: Floats
    features: ItemFeatures


def parse_budget(text: str) -> float:
    """Return seconds of a budget such as 90s, 10m or 2h. Raises WrongCall."""
    try:
        return seconds_of_budget(text)
    except ValueError as error:
        raise WrongCall(f"--budget {text}: {error}") from error


def read_plan(path: Path) -> Plan:
    """Read a plan, or the report of `train --json` that holds one. Raises WrongCall where it cannot be read."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return Plan.from_json(said["plan"] if isinstance(said, dict) and "plan" in said else said)
    except (OSError, ValueError, RecursionError) as error:
        raise WrongCall(f"--plan {path}: {' '.join(str(error).split())}") from error


def train(
    live: Live,
    *,
    budget: str = "10m",
    seed: int = 0,
    progress: Say | None = None,
    plan: Path | None = None,
    began: float | None = None,
    judged: bool = False,
    why: str = "",
) -> dict[str, Any]:
    """Learn from the store's log, publish the models, and return what was learnt from what.

    With `judged` a part of what the present models have not learnt is held back, and where the new ones are worse on
    it they get a number and do not answer; `plait.flows.trial` has how. `why` is for the registry to tell.
    The budget counts from `began` (of time.monotonic), now by default. Raises BadData where the log holds no liking,
    WrongCall for a budget that is none and a plan that cannot be read.
    """
    began = time.monotonic() if began is None else began
    parse_budget(budget)
    followed = None if plan is None else read_plan(plan)
    with live.workspace.publishing() as fence:
        return train_within(
            live, fence, budget=budget, seed=seed, progress=progress, plan=followed, began=began, judged=judged, why=why
        )


def train_within(
    live: Live, fence: Fence, *, budget: str, seed: int, progress: Say | None, plan: Plan | None, began: float,
    judged: bool = False, why: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Do what `train` does, inside the `fence` of the lease held."""
    deadline = began + max(0.95 * parse_budget(budget) - PUBLISHING, 0.0)
    say = progress or (lambda _: None)
    moment = live.refresh()
    workspace = moment.workspace
    # What was learnt online, and what first events told of new items, has heard the users who are held back.
    alone = live.as_trained()
    sequence = workspace.store.sequence()
    items, features, types = training_items(live)
    tireless = flag_users(workspace, items.item_ids)
    for user_id, reason in tireless.items():
        say(f"user {user_id} is left out: {reason}")
    # What is recorded from now on is learnt online, or by the next training, and not by this one too.
    log = log_without(
        read_log(workspace, items.item_ids, left_out=list(tireless)), workspace.store.told_since(sequence)
    )
    held = _held_back(workspace, items.item_ids, seed) if judged else None
    if held is not None:
        log = held.rest(log, workspace)
    if not (log.weights > 0).any():
        raise BadData(f"{workspace.folder}: the log holds no liking; train needs interactions that say one")
    known = KnownUsers.of_all(workspace.store).table(log.user_ids)
    learnt = fit_ranker(
        log.interactions(), items.vectors, items.features, seed=seed, deadline=deadline, progress=say,
        users=AboutUsers(known.matrix, known.relations), plan=plan, checkpoint=workspace.models_folder / TRAINING,
    )  # fmt: skip
    models = Models(learnt.ranker, items.item_ids, features, types, ratings_of(log), log.user_ids, known.features)
    trial = told_of_trial(alone, held, learnt.ranker, items.item_ids, items.vectors, seed=seed, sequence=sequence)
    report = {
        "users": len(log.user_ids), "items": len(items.item_ids), "events": len(log.users),
        "left_out": len(tireless), "index": moment.name, "seed": seed, "budget": budget, "made_by": "train",
        "from": snapshot.number_before(workspace.models_folder), "why": why, **trial, **told_of(learnt),
    }  # fmt: skip
    published = snapshot.publish(
        workspace.models_folder, lambda folder: write_models(folder, models), sequence=sequence,
        encoders=workspace.fingerprints(), details=report, fence=fence, keep=workspace.config.models.kept,
        answers=is_no_worse(trial),
    )  # fmt: skip
    shutil.rmtree(workspace.models_folder / TRAINING, ignore_errors=True)
    made = {"model": published.number, "answers": is_no_worse(trial)}
    return {**made, **report, "seconds": round(time.monotonic() - began, 1)}


def _held_back(workspace: Workspace, item_ids: IdMap, seed: int) -> HeldBack | None:
    """Return what is held back from a training to judge it beside the present models, None where there are none."""
    found = snapshot.current(workspace.models_folder)
    return None if found is None else hold_back(workspace, after=found.sequence, item_ids=item_ids, seed=seed)


def told_of(learnt: RankerFit) -> dict[str, Any]:
    """Return what a training tried and chose, seconds of its steps, and the most memory of the process in bytes.

    `metrics` are of its sequence encoder on held-out likings, by which it chose its epochs; none where a plan or a
    short budget left nothing to choose.
    """
    # Linux counts kilobytes, macOS bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "time_constant": learnt.plan.item_weights.time_constant,
        "plan": learnt.plan.to_json(),
        "steps": dict(learnt.seconds),
        "epochs_judged": [list(point) for point in learnt.curve],
        "metrics": {"ndcg@10": max(gain for _, gain in learnt.curve)} if learnt.curve else {},
        "complete": learnt.complete,
        "peak_memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
    }


def training_items(live: Live) -> tuple[TrainingItems, Any, Mapping[str, AttributeType]]:
    """Return the living items, how their attributes become features, and the attributes' types."""
    moment = live.refresh()
    workspace = moment.workspace
    rows = np.flatnonzero(moment.index.alive)
    item_ids = moment.index.item_ids(rows)
    stored = workspace.store.items_by_id(item_ids)
    types = {name: AttributeType(kind) for name, kind in workspace.store.attribute_types().items()}
    ordered = [stored.get(item_id) for item_id in item_ids]
    features = fit_features(ItemTable([None if item is None else item.item for item in ordered], types))
    known = item_features(workspace, ordered, features, types)
    return TrainingItems(IdMap(item_ids), moment.index.vectors(rows), known), features, types


def flag_users(workspace: Workspace, item_ids: IdMap) -> Mapping[str, str]:
    """Return users whose event rate no person reaches, each with the reason."""
    log = read_log(workspace, item_ids)
    return tireless_users(log.users, log.times, list(log.user_ids))


def ratings_of(log: Log) -> RatingModel | None:
    """Learn to predict ratings, where the log has any."""
    rated = ~np.isnan(log.ratings)
    if not rated.any():
        return None
    counts = {"user_count": len(log.user_ids), "item_count": len(log.item_ids)}
    return fit_ratings(log.users[rated], log.items[rated], log.ratings[rated], **counts)
