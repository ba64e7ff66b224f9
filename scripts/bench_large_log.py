"""Measure what Plait and SASRec make of a large log in the same time: last-liked, one salt, full ranking.

Plait is its whole training with that budget. SASRec learns with the full cross-entropy from all of the log, epoch after
epoch, as many as fit: two layers, `--width` dimensions. Prints NDCG@10 of both, and of Plait's sequence encoder alone,
with 95 % intervals over users, and the paired differences to SASRec.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plait.evaluation.bootstrap import intervals
from plait.evaluation.measure import measure
from plait.evaluation.peers.peer import Fitted, Settings
from plait.evaluation.peers.plait_peer import FittedPlait
from plait.evaluation.peers.sasrec import SasRec
from plait.evaluation.splits import Split
from plait.evaluation.splitters import last_liked
from plait.flows.judging import log_of
from plait.live import Live
from plait.workspace import Workspace
from ranker.combination import PARTS
from ranker.fit import fit_ranker
from ranker.new_users import no_users
from ranker.rank import Ranker

CUT = 10
DROPOUT = 0.3


def gains(fitted: Fitted, split: Split) -> NDArray[np.float64]:
    """Return NDCG@CUT of each user (users,)."""
    return measure(fitted, split, (CUT,)).values[f"ndcg@{CUT}"]


def encoder_alone(ranker: Ranker) -> Ranker:
    """Return the ranker with a weight of 1 for the sequence encoder, and none for all else."""
    knots = np.zeros_like(ranker.combination.knots)
    knots[:, PARTS.index("sequence")] = 1.0
    return replace(ranker, combination=replace(ranker.combination, knots=knots))


def after(split: Split, width: int, seconds: float) -> tuple[Fitted, int]:
    """Return SASRec after as many epochs as fit into `seconds`, at least one, and how many these are."""
    began = time.monotonic()
    settings: Settings = {"dropout": DROPOUT, "width": width}
    for done, fitted in enumerate(SasRec().epochs(split, settings, seed=0), start=1):
        if (time.monotonic() - began) * (done + 1) / done > seconds:
            return fitted, done
    raise AssertionError("epochs have no end")


def main(arguments: list[str]) -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--seconds", type=float, default=1_800.0, help="time that each may learn [1800]")
    parser.add_argument("--width", type=int, default=128, help="dimensions of SASRec [128]")
    parser.add_argument("--salt", type=int, default=20)
    options = parser.parse_args(arguments)
    log, materials = log_of(Live(Workspace.open(options.workspace)), "last-liked")
    split, items = last_liked(log, options.salt), materials.items
    about, began = no_users(split.train.user_count), time.monotonic()
    learnt = fit_ranker(split.train, items.vectors, items.features, deadline=began + options.seconds)
    print(f"plait: {time.monotonic() - began:.0f} s, {learnt.plan.epochs} and {learnt.plan.further} epochs", flush=True)
    whole = learnt.ranker
    found = {
        "plait": gains(FittedPlait(whole, items.vectors, about), split),
        "its encoder": gains(FittedPlait(encoder_alone(whole), items.vectors, about), split),
    }
    theirs, epochs = after(split.without_targets(), options.width, options.seconds)
    print(f"sasrec: {epochs} epochs", flush=True)
    found["sasrec"] = gains(theirs, split)
    found |= {f"{name} less sasrec": found[name] - found["sasrec"] for name in ("plait", "its encoder")}
    for name, told in intervals(found).items():
        print(f"{name:24} {told['mean']:+.4f} [{told['low']:+.4f}, {told['high']:+.4f}]")


if __name__ == "__main__":
    main(sys.argv[1:])
