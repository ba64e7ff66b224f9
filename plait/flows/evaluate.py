"""Evaluate: the workspace's own catalogue and log, split by a protocol; models side by side; nothing is changed."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from plait.errors import WrongCall
from plait.evaluation.ablations import ablations
from plait.evaluation.about import about
from plait.evaluation.cross_modal import Hiding
from plait.evaluation.judged_salts import judged_salts
from plait.evaluation.peers.peer import Peer
from plait.evaluation.peers.plait_peer import PlaitPeer
from plait.evaluation.report import write_report
from plait.evaluation.results import Results
from plait.evaluation.runner import Plan, judge
from plait.evaluation.split_files import save_splits as write_splits
from plait.flows.cross_modal import PAIR, CrossModal
from plait.flows.evaluate_call import MODELS, SEEDS, Call
from plait.flows.judging import Asked, Judged, asked_for, judged_again, judged_here, published_of
from plait.live import Live
from plait.tables import Table

Say = Callable[[str], None]


def evaluate(
    live: Live, protocol: str, *, seeds: int | None = None, models: Sequence[str] | None = None,
    cuts: tuple[int, ...] = (10,), pair: str | None = None, hide_by: str | None = None, where: str = "",
    rankings: Mapping[str, Table] | None = None, save_splits: Path | None = None, splits: Path | None = None,
    ablate: bool = False, curves: bool = False, report: Path | None = None, seed: int | None = None,
    progress: Say | None = None,
) -> Results:  # fmt: skip
    """Run a protocol on `seeds` salts (5) from `seed` (0) on and return what it found; `plait:3` is judged on 3.

    `models` are MODELS where None. Only items that pass `where` are ranked and wanted. `rankings` are judged beside
    the models under their names; `save_splits` writes the splits into a folder, `splits` loads them from one. With
    `ablate`, Plait is also judged without each of its parts, each strand and the attributes; with `curves` what
    diverse lists cost, for each model. With `report`,
    report.html and results.json are written there, and what each model made of each split in the folder runs, where
    the same call goes on when it was killed. Raises WrongCall for a call that Call refuses and for unknown models,
    BadData where nothing can be judged.
    """
    call = Call(
        protocol=protocol, seeds=seeds, models=models, cuts=cuts, pair=pair, hide_by=hide_by, where=where,
        rankings=rankings or {}, save_splits=save_splits, splits=splits, ablate=ablate, curves=curves,
        report=report, seed=seed,
    )  # fmt: skip
    say, began = progress or (lambda _: None), time.monotonic()
    results = _cross_modal(live, call, say) if call.is_cross_modal else _compared(live, call, say)
    say(f"{protocol} took {time.monotonic() - began:.0f} s")
    results = replace(results, about=about(call.command(results.seeds), results.splits))
    if report is not None:
        write_report(report, results)
    return results


def _cross_modal(live: Live, call: Call, say: Say) -> Results:
    """Look for hidden items of the catalogue."""
    if call.hide_by is not None and call.seeds is not None:
        say("--hide-by says what is hidden, once each: --seeds is not read")
    given = CrossModal.of(live, pair=call.pair or PAIR, hide_by=call.hide_by, where=call.where)
    return given.judge(Hiding(call.seeds or SEEDS, call.cuts, call.seed or 0), keep=call.keep, progress=say)


def _compared(live: Live, call: Call, say: Say) -> Results:
    """Judge the models asked for, ablations and published rankings side by side."""
    asked = asked_for(MODELS if call.models is None else call.models)
    if not asked.names and not call.rankings:
        raise WrongCall("no model is named; expected at least one")
    judged = judged_here(live, call) if call.splits is None else judged_again(live, call, call.splits, asked)
    peers = asked.peers(judged.materials)
    without = _ablations(live, peers) if call.ablate else []
    published = published_of(call.rankings, judged, [peer.name for peer in (*peers, *without)])
    if call.save_splits is not None:
        _save(call.save_splits, call.protocol, judged, asked, say)
    seeds_of = {**asked.seeds_of, **{peer.name: asked.seeds_of.get("plait", judged.seeds) for peer in without}}
    plan = Plan(
        judged.seeds, call.cuts, seed=judged.seed, seeds_of=seeds_of, published=published, known=judged.known,
        ablation_of=dict.fromkeys((peer.name for peer in without), "plait"), keep=call.keep,
        curves=call.curves,
    )  # fmt: skip
    return judge(judged.splits_of, call.protocol, [*peers, *without], plan, progress=lambda step: say(str(step)))


def _ablations(live: Live, peers: Sequence[Peer]) -> list[PlaitPeer]:
    """Return Plait without one thing at a time. Raises WrongCall where Plait is not among the models."""
    found = [peer for peer in peers if isinstance(peer, PlaitPeer)]
    if not found:
        raise WrongCall("--ablate takes parts out of plait; name it among --models")
    spans: dict[str, list[tuple[int, int]]] = {}
    for block in live.refresh().fusion.blocks:
        spans.setdefault(str(block.strand), []).append((block.start, block.end))
    return ablations(found[0], spans)


def _save(folder: Path, protocol: str, judged: Judged, asked: Asked, say: Say) -> None:
    salts = range(judged.seed, judged.seed + max([judged.seeds, *asked.seeds_of.values()]))
    splits = (split for found in judged_salts(judged.splits_of, salts, say) for split in found)
    for title, sha256 in write_splits(folder, protocol, splits).items():
        say(f"{title}: sha256 {sha256}")
