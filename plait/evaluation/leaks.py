"""The search for leaks: what a disguise of rows, ids or ties changes was read where nothing should be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plait.evaluation.bootstrap import Interval
from plait.evaluation.disguise import DISGUISES, PLAIN, Disguise
from plait.evaluation.results import Results

ROUNDING = 1e-9
"""What sums in another order may differ by; the interval of a figure that never varies has no width."""


@dataclass(frozen=True, slots=True)
class Check:
    """One figure of one model beside the same figure under a disguise."""

    disguise: str
    model: str
    metric: str
    plain: Interval
    disguised: Interval

    @property
    def moved(self) -> bool:
        """Whether the disguised mean lies outside the plain figure's interval."""
        mean, low, high = self.disguised["mean"], self.plain["low"], self.plain["high"]
        return not low - ROUNDING <= mean <= high + ROUNDING


def check_leaks(
    judge: Callable[[Disguise], Results],
    *,
    metrics: Sequence[str] = ("ndcg@10",),
    disguises: Sequence[Disguise] = DISGUISES,
    progress: Callable[[str], None] | None = None,
) -> list[Check]:
    """Run `judge` plain and under each disguise, and return every figure beside its disguised one.

    `judge` puts the disguise on everything that has rows or ids before it evaluates: the log by `Disguise.log`, a
    catalogue by `Disguise.catalogue`, a model's own item data by `Disguise.order`. A metric that is not measured
    raises ValueError.
    """
    say = progress or (lambda _: None)
    plain = judge(PLAIN)
    for model, values in plain.models.items():
        unknown = [metric for metric in metrics if metric not in values]
        if unknown:
            raise ValueError(
                f"metrics holds {', '.join(unknown)}, not measured for {model}; known are {', '.join(values)}"
            )
    found = []
    for disguise in disguises:
        disguised = judge(disguise)
        for model, values in plain.models.items():
            for metric in metrics:
                check = Check(disguise.name, model, metric, values[metric], disguised.models[model][metric])
                say(_sentence(check))
                found.append(check)
    return found


def _sentence(check: Check) -> str:
    plain = check.plain
    moved = "MOVED beyond" if check.moved else "within"
    return (
        f"{check.disguise}: {check.model} {check.metric} {plain['mean']:.4f} -> {check.disguised['mean']:.4f}, "
        f"{moved} {plain['low']:.4f} to {plain['high']:.4f}"
    )
