"""Evaluate: the workspace's own catalogue and log, split by a protocol; models side by side; nothing is changed."""

import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from plait.errors import WrongCall
from plait.evaluation.ablations import ablations
from plait.evaluation.about import about
from plait.evaluation.peers.peer import Peer
from plait.evaluation.peers.plait_peer import PlaitPeer
from plait.evaluation.protocol_names import CROSS_MODAL
from plait.evaluation.report import write_report
from plait.evaluation.results import Results
from plait.evaluation.runner import Plan, judge
from plait.evaluation.split_files import save_splits as write_splits
from plait.flows.cross_modal import cross_modal
from plait.flows.judging import SEEDS, Asked, Judged, asked_for, check_protocol, judged_again, judged_here, published_of
from plait.live import Live
from plait.tables import Table

Say = Callable[[str], None]
MODELS = ("plait", "popularity", "item-knn")
RUNS = "runs"


def evaluate(
    live: Live, protocol: str, *, seeds: int | None = None, models: Sequence[str] = MODELS,
    cuts: tuple[int, ...] = (10,), pair: str = "text:image", hide_by: str | None = None, where: str = "",
    rankings: Mapping[str, Table] | None = None, save_splits: Path | None = None, splits: Path | None = None,
    ablate: bool = False, report: Path | None = None, seed: int = 0, progress: Say | None = None,
) -> Results:  # fmt: skip
    """Run a protocol on `seeds` salts (5) and return what it found; a model such as `plait:3` is judged on 3 of them.

    `rankings` are judged beside the models under their names; `save_splits` writes the splits into a folder, `splits`
    loads them from one. With `ablate`, Plait is also judged without each of its parts, each strand and the attributes.
    With `report`, report.html and results.json are written there, and what each model made of each split in the
    folder runs, where the same call goes on when it was killed. Raises WrongCall that names the known protocols and
    models, BadData where nothing can be judged.
    """
    say = progress or (lambda _: None)
    check_protocol(protocol)
    if (seeds is not None and seeds < 1) or not cuts or min(cuts) < 1:
        raise WrongCall(f"seeds {seeds}, cuts {cuts}: expected numbers from 1")
    began = time.monotonic()
    if protocol == CROSS_MODAL:
        if rankings or save_splits is not None or splits is not None or ablate:
            raise WrongCall("cross-modal parts no log: it takes no rankings of users, no splits and no ablations")
        results = cross_modal(
            live, pair=pair, hide_by=hide_by, where=where, seeds=seeds or SEEDS, cuts=cuts, progress=say
        )
    else:
        asked = asked_for(models)
        if not asked.names and not rankings:
            raise WrongCall("no model is named; expected at least one")
        judged = _judged(live, protocol, seeds, seed, splits, asked)
        if save_splits is not None:
            _save(save_splits, protocol, judged, asked, say)
        results = _compared(live, protocol, judged, asked, rankings or {}, ablate, cuts, report, say)
    say(f"{protocol} took {time.monotonic() - began:.0f} s")
    asked_by = {
        "seeds": results.seeds, "seed": seed, "models": "" if protocol == CROSS_MODAL else ",".join(models),
        "cuts": ",".join(map(str, cuts)), "splits": splits, "ablate": ablate,
        "rankings": ",".join(f"{name}=FILE" for name in rankings or {}),
        **({"pair": pair, "hide-by": hide_by, "where": where} if protocol == CROSS_MODAL else {}),
    }  # fmt: skip
    results = replace(results, about=about(_command(protocol, asked_by), results.splits))
    if report is not None:
        write_report(report, results)
    return results


def _compared(
    live: Live, protocol: str, judged: Judged, asked: Asked, rankings: Mapping[str, Table], ablate: bool,
    cuts: tuple[int, ...], report: Path | None, say: Say,
) -> Results:  # fmt: skip
    """Judge the models asked for, ablations and published rankings side by side."""
    peers = asked.peers(judged.materials)
    without = _ablations(live, peers) if ablate else []
    seeds_of = {**asked.seeds_of, **{peer.name: asked.seeds_of.get("plait", judged.seeds) for peer in without}}
    plan = Plan(
        judged.seeds, cuts, seed=judged.seed, seeds_of=seeds_of,
        ablation_of=dict.fromkeys((peer.name for peer in without), "plait"),
        published=published_of(rankings, judged, asked.names), known=judged.known,
        keep=None if report is None else report / RUNS,
    )  # fmt: skip
    return judge(judged.splits_of, protocol, [*peers, *without], plan, progress=lambda step: say(str(step)))


def _judged(live: Live, protocol: str, seeds: int | None, seed: int, splits: Path | None, asked: Asked) -> Judged:
    if splits is None:
        return judged_here(live, protocol, seeds, seed)
    return judged_again(live, protocol, seeds, splits, asked)


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
    for title, sha256 in write_splits(folder, protocol, (s for salt in salts for s in judged.splits_of(salt))).items():
        say(f"{title}: sha256 {sha256}")


def _command(protocol: str, options: Mapping[str, object]) -> str:
    """Return the command that gives these results again; what is empty or 0 is left out."""
    words = ["plait evaluate WORKSPACE --protocol", protocol]
    for name, value in options.items():
        if value:
            words += [f"--{name}"] if value is True else [f"--{name}", shlex.quote(str(value))]
    return " ".join(words)
