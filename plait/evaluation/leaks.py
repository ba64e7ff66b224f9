"""The search for leaks: what a disguise of rows, ids or ties changes was read where nothing should be read."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plait.evaluation.bootstrap import Interval
from plait.evaluation.disguise import DISGUISES, PLAIN, Disguise
from plait.evaluation.results import Results

ROUNDING = 1e-9
"""What sums in another order may differ by; the interval of a figure that never varies has no width."""


@dataclass(frozen=True, slots=True)
class Check:
    """One figure of one model beside the same figure under a disguise.

    An `exact` one may differ by no more than `slack`, any other must stay within the bounds of `plain`: its interval,
    and where names or ties change also that of the same evaluation with other salts.
    """

    disguise: str
    model: str
    metric: str
    plain: Interval
    disguised: Interval
    exact: bool = False
    slack: float = ROUNDING

    @property
    def moved(self) -> bool:
        """Whether the disguised mean lies where it may not; what cannot be said has not moved while both are so."""
        mean, (low, high) = self.disguised["mean"], self._bounds()
        if math.isnan(mean) and math.isnan(self.plain["mean"]):
            return False
        return not low - self.slack <= mean <= high + self.slack

    def __str__(self) -> str:
        """Return the check in one line."""
        low, high = self._bounds()
        allowed = "the same figure" if self.exact else f"{low:.4f} to {high:.4f}"
        figures = f"{self.plain['mean']:.4f} -> {self.disguised['mean']:.4f}"
        moved = "MOVED beyond" if self.moved else "within"
        return f"{self.disguise}: {self.model} {self.metric} {figures}, {moved} {allowed}"

    def _bounds(self) -> tuple[float, float]:
        return (self.plain["mean"],) * 2 if self.exact else (self.plain["low"], self.plain["high"])


def check_leaks(
    judge: Callable[[Disguise], Results],
    *,
    metrics: Sequence[str] = ("ndcg@10",),
    disguises: Sequence[Disguise] = DISGUISES,
    unmoved: Sequence[str] = (),
    with_other_salts: Callable[[], Results] | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Check]:
    """Run `judge` plain and under each disguise, and return every figure beside its disguised one.

    `judge` puts the disguise on everything that has rows or ids before it evaluates: the log by `Disguise.log`, a
    catalogue by `Disguise.catalogue`, a model's own item data by `Disguise.order`. The models `unmoved` must give the
    same figure, and no other, where rows are shuffled and nothing else is done. `with_other_salts` judges plain with
    other salts: new ids and new ties are another draw of chance, which intervals over users do not hold, and in a
    small catalogue it decides most. A metric that is not measured raises ValueError.
    """
    say = progress or (lambda _: None)
    plain = judge(PLAIN)
    redrawn = plain if with_other_salts is None else with_other_salts()
    _check_measured(plain, metrics)
    found = []
    for disguise in disguises:
        disguised = judge(disguise)
        for model, values in plain.models.items():
            keeps_chance = not disguise.renames and not disguise.unties
            for metric in metrics:
                bounds = values[metric] if keeps_chance else _either(values[metric], redrawn.models[model][metric])
                figure, exact = disguised.models[model][metric], keeps_chance and model in unmoved
                check = Check(disguise.name, model, metric, bounds, figure, exact=exact)
                say(str(check))
                found.append(check)
    return found


def _check_measured(results: Results, metrics: Sequence[str]) -> None:
    for model, values in results.models.items():
        unknown = [metric for metric in metrics if metric not in values]
        if unknown:
            raise ValueError(
                f"metrics holds {', '.join(unknown)}, not measured for {model}; known are {', '.join(values)}"
            )


def _either(plain: Interval, redrawn: Interval) -> Interval:
    """Return the plain mean with bounds that hold both intervals."""
    low, high = min(plain["low"], redrawn["low"]), max(plain["high"], redrawn["high"])
    return {"mean": plain["mean"], "low": low, "high": high}
