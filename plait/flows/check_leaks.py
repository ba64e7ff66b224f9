"""Check leaks: whether any figure depends on what no model should read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plait.evaluation.cross_modal import Hiding
from plait.evaluation.disguise import PLAIN, Disguise
from plait.evaluation.judged_salts import judged_salts
from plait.evaluation.leaks import Check
from plait.evaluation.leaks import check_leaks as check_disguises
from plait.evaluation.peers.materials import Materials
from plait.evaluation.planted import PlantedCheater, check_as_popular, check_blind, check_targets
from plait.evaluation.protocols import splitter
from plait.evaluation.results import Results
from plait.evaluation.runner import Plan, judge
from plait.evaluation.runs import Runs
from plait.evaluation.validation import validation_of
from plait.flows.cross_modal import PAIR, CrossModal
from plait.flows.evaluate_call import MODELS, SEEDS, Call
from plait.flows.judging import Asked, allowed_of, asked_for, log_of, narrowed
from plait.flows.renamed_media import check_renamed_media
from plait.history import Log
from plait.live import Live

Say = Callable[[str], None]
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
    live: Live, protocol: str, *, seeds: int | None = None, models: Sequence[str] | None = None,
    cuts: tuple[int, ...] = (10,), pair: str | None = None, hide_by: str | None = None, where: str = "",
    report: Path | None = None, seed: int | None = None, progress: Say | None = None,
) -> list[LeakCheck]:  # fmt: skip
    """Judge the models plain and in disguises, plant a cheater, rename media, and return every check.

    The options are those of `evaluate`; figures are NDCG at `cuts`. With `report`, runs are kept there as `evaluate`
    keeps them. Raises WrongCall and BadData as `evaluate` does.
    """
    call = Call(
        protocol=protocol, seeds=seeds, models=models, cuts=cuts, pair=pair, hide_by=hide_by, where=where,
        report=report, seed=seed,
    )  # fmt: skip
    say = progress or (lambda _: None)
    checks = list(_of_catalogue(live, call, say) if call.is_cross_modal else _of_log(live, call, say))
    return checks + [LeakCheck(*found) for found in check_renamed_media(live.workspace, seed=call.seed or 0)]


def _of_catalogue(live: Live, call: Call, say: Say) -> Iterator[LeakCheck]:
    """Yield the checks of cross-modal: a catalogue has no times, and what ties there are equal scores."""
    given = CrossModal.of(live, pair=call.pair or PAIR, hide_by=call.hide_by, where=call.where)
    hiding = Hiding(call.seeds or SEEDS, call.cuts, call.seed or 0)

    def judged(disguise: Disguise, by: Hiding = hiding) -> Results:
        say(f"{disguise.name if by is hiding else 'other salts'}")
        by = replace(by, ties=OTHER_SALTS if disguise.unties else 0)
        return given.judge(by, disguise=disguise, keep=call.keep, progress=say)

    redrawn = replace(hiding, seed=hiding.seed + OTHER_SALTS)
    metrics = [f"{prefix}ndcg@{cut}" for cut in call.cuts for prefix in ("", "whole/")]
    yield from _told(check_disguises(judged, metrics=metrics, with_other_salts=lambda: judged(PLAIN, redrawn)))


def _of_log(live: Live, call: Call, say: Say) -> Iterator[LeakCheck]:
    """Yield the checks of a protocol that parts a log."""
    models = MODELS if call.models is None else call.models
    asked = asked_for([*models, *([] if UNMOVED in asked_for(models).names else [UNMOVED])])
    checking = _Checking(*log_of(live, call.protocol), live, call, asked, say)
    plan = Plan(call.seeds or SEEDS, call.cuts, call.seed or 0, asked.seeds_of, keep=call.keep)
    yield from checking.disguises(plan)
    yield from checking.targets(plan)


@dataclass(frozen=True, slots=True)
class _Checking:
    """What models are checked on."""

    log: Log
    materials: Materials
    live: Live
    call: Call
    asked: Asked
    say: Say

    def disguises(self, plan: Plan) -> Iterator[LeakCheck]:
        """Check shuffled rows, hashed ids, hashed ties, and all of them together."""
        split_by = splitter(self.call.protocol)
        allowed = allowed_of(self.live, self.call.where, self.log.item_ids)

        def judged(disguise: Disguise, by: Plan = plan) -> Results:
            hidden = disguise.log(self.log)
            passing = None if allowed is None else allowed[disguise.order(len(allowed))]
            name = disguise.name if by is plan else "other salts"
            return judge(
                narrowed(lambda salt: split_by(hidden, salt), passing), self.call.protocol,
                self.asked.peers(self.materials.disguised(disguise)), by,
                progress=lambda step: self.say(f"{name}: {step}"),
            )  # fmt: skip

        redrawn = replace(plan, seed=plan.seed + OTHER_SALTS)
        metrics = [f"ndcg@{cut}" for cut in plan.cuts]
        yield from _told(
            check_disguises(judged, metrics=metrics, unmoved=[UNMOVED], with_other_salts=lambda: judged(PLAIN, redrawn))
        )

    def targets(self, plan: Plan) -> Iterator[LeakCheck]:
        """Check that no model reads targets it is handed, and that the one which does is found and finds none here."""
        split_by = splitter(self.call.protocol)
        allowed = allowed_of(self.live, self.call.where, self.log.item_ids)
        splits_of = narrowed(lambda salt: split_by(self.log, salt), allowed)
        salts = range(plan.seed, plan.seed + plan.seeds)
        split, cut = next(judged_salts(splits_of, salts, self.say))[0], plan.cuts[0]
        runs, validation = Runs(plan.keep), validation_of(split, split_by)
        for peer in self.asked.peers(self.materials):
            settings = runs.choose(peer, validation, seed=plan.seed).settings
            yield from _told([check_targets(peer, split, settings, cut=cut)])
        cheater = PlantedCheater()
        for check in (check_targets(cheater, split, {}, cut=cut), check_blind(cheater, split, {}, cut=cut)):
            verdict = "the planted cheater is found" if check.moved else "THE PLANTED CHEATER IS NOT FOUND"
            yield LeakCheck(check.moved, f"{check}: {verdict}")
        yield from _told([check_as_popular(cheater, split, {}, cut=cut)])


def _told(checks: Sequence[Check]) -> Iterator[LeakCheck]:
    yield from (LeakCheck(not check.moved, str(check)) for check in checks)
