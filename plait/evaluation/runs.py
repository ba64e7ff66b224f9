"""Runs: what each model chose and made of each split, kept in a folder so that a killed evaluation goes on."""

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from plait.arrays_file import read_arrays
from plait.durable import replace_text
from plait.errors import BadData
from plait.evaluation.identity import identity
from plait.evaluation.measure import Outcome, predicted, rank, said_chances, scorer
from plait.evaluation.peers.peer import ChoosesInside, Fitted, Peer, Settings
from plait.evaluation.sources import source_hash
from plait.evaluation.spent import Meter, Spent
from plait.evaluation.split_arrays import to_arrays
from plait.evaluation.splits import Split
from plait.evaluation.whole_files import write_whole

FORMAT = 3
OUTCOME = ("places", "top", "scores", "ratings", "chances")
JUDGING = "plait.evaluation.runs"
"""The module whose code, with all that it imports, every kept run depends on beside the model's own."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The settings of a model, and what choosing them took."""

    settings: Settings
    spent: Spent


@dataclass(frozen=True, slots=True)
class Run:
    """What a model made of a split, what learning and ranking took, and what it `chose` while it learnt."""

    outcome: Outcome
    spent: Spent
    chose: Settings = field(default_factory=dict)


class Runs:
    """Makes runs, or reads those that were made before of the same data by the same code.

    A run's file is named by a hash of the split as it stands, rows included, the model, the data it holds, its
    settings, the seed, how deep it is kept, and the code. A file is there whole or not at all.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Keep runs in a folder, made where absent; without one nothing is kept."""
        self._folder = folder
        self._identities: dict[str, str] = {}
        self._last: tuple[Split, str] | None = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def _content(self, split: Split) -> str:
        """Return a hash of a split as it stands, rows included.

        Its fingerprint is the same whatever rows users and items have, and what is kept counts in rows: a run of the
        same split in other rows would be read for the wrong users. It is computed once for all models in turn.
        """
        if self._last is None or self._last[0] is not split:
            self._last = split, identity(to_arrays(split))
        return self._last[1]

    def choose(self, peer: Peer, split: Split, *, seed: int) -> Chosen:
        """Return the settings that a model chooses on a validation split."""
        path = self._path(peer, split, {"chosen": True}, seed, "json")
        if path is not None and (kept := _read_chosen(path)) is not None:
            return kept
        meter = Meter()
        with warnings.catch_warnings():
            if not len(split):
                # There is nobody to be judged on: every trial's mean is one of nothing.
                warnings.simplefilter("ignore", RuntimeWarning)
            settings = dict(peer.choose(split, seed=seed))
        chosen = Chosen(settings, meter.read())
        if path is not None:
            spent = {"seconds": chosen.spent.seconds, "peak_mb": chosen.spent.peak_mb}
            replace_text(path, json.dumps({"settings": settings, **spent}))
        return chosen

    def run(self, peer: Peer, split: Split, settings: Settings, *, seed: int, depth: int) -> Run:
        """Let a model learn from a split, whose targets it is not handed, and rank for the split's cases."""
        path = self._path(peer, split, {"settings": sorted(settings.items()), "depth": depth}, seed, "safetensors")
        if path is not None and (kept := _read_run(path, split)) is not None:
            return kept
        meter = Meter()
        fitted = peer.fit(split.without_targets(), settings, seed=seed)
        ranked = rank(scorer(fitted, split), split, depth=depth)
        outcome = replace(ranked, ratings=predicted(fitted, split), chances=said_chances(fitted, split))
        run = Run(outcome, meter.read(), _chosen_inside(fitted))
        if path is not None:
            _write_run(path, run)
        return run

    def _path(self, peer: Peer, split: Split, more: Mapping[str, object], seed: int, suffix: str) -> Path | None:
        if self._folder is None:
            return None
        if peer.name not in self._identities:
            code = source_hash(type(peer).__module__, JUDGING)
            self._identities[peer.name] = f"{identity(peer)} {code}"
        key = json.dumps([FORMAT, peer.name, self._identities[peer.name], self._content(split), seed, more])
        return self._folder / f"{peer.name}-{hashlib.sha256(key.encode()).hexdigest()[:32]}.{suffix}"


def _chosen_inside(fitted: Fitted) -> Settings:
    return {n: float(v) for n, v in fitted.chosen.items()} if isinstance(fitted, ChoosesInside) else {}


def _read_chosen(path: Path) -> Chosen | None:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Chosen(kept["settings"], Spent(kept["seconds"], kept["peak_mb"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _read_run(path: Path, split: Split) -> Run | None:
    """Return a kept run, None where there is none that fits the split: it is made again."""
    if not path.is_file():
        return None
    try:
        kept = read_arrays(path)
    except BadData:
        return None
    if set(kept) != {*OUTCOME, "spent", "chose"} or len(kept["places"]) != len(split.targets):
        return None
    chose = json.loads(kept["chose"].tobytes())
    return Run(Outcome(*(kept[name] for name in OUTCOME)), Spent(*kept["spent"].tolist()), chose)


def _write_run(path: Path, run: Run) -> None:
    spent = np.asarray([run.spent.seconds, run.spent.peak_mb])
    chose = np.frombuffer(bytearray(json.dumps(dict(run.chose)).encode()), dtype=np.uint8)
    outcome = {name: getattr(run.outcome, name) for name in OUTCOME}
    write_whole(path, {**outcome, "spent": spent, "chose": chose})
