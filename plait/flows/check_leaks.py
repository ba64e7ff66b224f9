"""Check leaks: whether any figure depends on what no model should read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plait.evaluation.disguise import PLAIN, Disguise
from plait.evaluation.leaks import check_leaks as check_disguises
from plait.evaluation.peers.materials import Materials
from plait.evaluation.planted import PlantedCheater, check_blind, check_targets
from plait.evaluation.protocols import splitter
from plait.evaluation.results import Results
from plait.evaluation.runner import Plan, judge
from plait.evaluation.runs import Runs
from plait.evaluation.validation import validation_of
from plait.flows.evaluate import MODELS, RUNS
from plait.flows.judging import SEEDS, Asked, asked_for, check_protocol, log_of
from plait.flows.renamed_media import check_renamed_media
from plait.history import Log
from plait.live import Live

Say = Callable[[str], None]
CUT = 10
OTHER_SALTS = 1_000
"""How far other salts lie from the first ones, so that none is among both."""
UNMOVED = "popularity"
"""Always judged too: it reads counts alone, so that where it moves the procedure leaks and not a model."""


@dataclass(frozen=True, slots=True)
class LeakCheck:
    """One check: whether it passed, and a line that says what was found."""

    passed: bool
    line: str


def check_leaks(
    live: Live, protocol: str, *, seeds: int | None = None, models: Sequence[str] = MODELS, report: Path | None = None,
    seed: int = 0, progress: Say | None = None,
) -> list[LeakCheck]:  # fmt: skip
    """Judge the models plain and in disguises, plant a cheater, rename media, and return every check.

    With `report`, runs are kept there as `evaluate` keeps them. Raises WrongCall and BadData as `evaluate` does.
    """
    check_protocol(protocol, parts_a_log=True)
    asked = asked_for([*models, *([] if UNMOVED in asked_for(models).names else [UNMOVED])])
    log, materials = log_of(live, protocol)
    say = progress or (lambda _: None)
    plan = Plan(seeds or SEEDS, (CUT,), seed, asked.seeds_of, keep=None if report is None else report / RUNS)
    checks = [*_disguises(log, materials, protocol, asked, plan, say), *_targets(log, materials, protocol, asked, plan)]
    return checks + [LeakCheck(*found) for found in check_renamed_media(live.workspace, seed=seed)]


def _disguises(log: Log, materials: Materials, protocol: str, asked: Asked, plan: Plan, say: Say) -> list[LeakCheck]:
    """Check shuffled rows, hashed ids, hashed ties, and all of them together."""
    split_by = splitter(protocol)

    def judged(disguise: Disguise, by: Plan = plan) -> Results:
        hidden = disguise.log(log)
        name = disguise.name if by is plan else "other salts"
        return judge(
            lambda salt: split_by(hidden, salt), protocol, asked.peers(materials.disguised(disguise)), by,
            progress=lambda step: say(f"{name}: {step}"),
        )  # fmt: skip

    redrawn = replace(plan, seed=plan.seed + OTHER_SALTS)
    checks = check_disguises(judged, unmoved=[UNMOVED], with_other_salts=lambda: judged(PLAIN, redrawn))
    return [LeakCheck(not check.moved, str(check)) for check in checks]


def _targets(log: Log, materials: Materials, protocol: str, asked: Asked, plan: Plan) -> list[LeakCheck]:
    """Check that no model reads targets it is handed, and that the one which does is found and finds none here."""
    split_by = splitter(protocol)
    split = split_by(log, plan.seed)[0]
    runs, validation = Runs(plan.keep), validation_of(split, split_by)
    found = []
    for peer in asked.peers(materials):
        settings = runs.choose(peer, validation, seed=plan.seed).settings
        check = check_targets(peer, split, settings, cut=CUT)
        found.append(LeakCheck(not check.moved, str(check)))
    cheater = PlantedCheater()
    for check in (check_targets(cheater, split, {}, cut=CUT), check_blind(cheater, split, {}, cut=CUT)):
        verdict = "the planted cheater is found" if check.moved else "THE PLANTED CHEATER IS NOT FOUND"
        found.append(LeakCheck(check.moved, f"{check}: {verdict}"))
    return found
