"""The runner: every model learns from the same splits and must find the same targets in the whole catalogue."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plait.evaluation.findings import Findings
from plait.evaluation.judged_salts import SplitsOf, judged_salts
from plait.evaluation.known import Known
from plait.evaluation.measure import rank
from plait.evaluation.peers.peer import Peer
from plait.evaluation.protocols import splitter
from plait.evaluation.published import Published
from plait.evaluation.results import Results
from plait.evaluation.runs import Run, Runs
from plait.evaluation.spent import Meter
from plait.evaluation.splits import Split
from plait.evaluation.steps import Progress, Schedule, Step
from plait.evaluation.validation import validation_of
from plait.flows.arrange import POOL
from plait.history import Log

Model = Peer | Published


@dataclass(frozen=True, slots=True)
class Plan:
    """How models are judged: on salts `seed` .. `seed + seeds - 1`, at `cuts`, by the metrics of ranker.metrics.

    `seeds_of` gives single models another number of salts, the first ones. `published` rankings are judged beside
    the models; `ablation_of` names those that are another one less something; by what is `known` of items and users
    lists are judged beyond accuracy. With `curves`, so are diverse lists of each model at the first cut, see
    plait.evaluation.list_curves. With a folder `keep`, runs are kept there, and those that are there already are
    not made again.
    """

    seeds: int
    cuts: tuple[int, ...]
    seed: int = 0
    seeds_of: Mapping[str, int] = field(default_factory=dict)
    published: Sequence[Published] = ()
    ablation_of: Mapping[str, str] = field(default_factory=dict)
    known: Known = field(default_factory=Known)
    keep: Path | None = None
    curves: bool = False

    def __post_init__(self) -> None:
        least = min([self.seeds, *self.seeds_of.values()])
        if least < 1 or not self.cuts or min(self.cuts) < 1:
            raise ValueError(f"seeds is {least}, cuts {self.cuts}; expected numbers from 1")

    def seeds_for(self, name: str) -> int:
        """Return on how many salts a model is judged."""
        return self.seeds_of.get(name, self.seeds)


def evaluate(
    log: Log, protocol: str, peers: Sequence[Peer], *, seeds: int, cuts: tuple[int, ...],
    progress: Progress | None = None,
) -> Results:  # fmt: skip
    """Judge each peer on salts 0 .. seeds - 1 of a log; see `judge`. Raises ValueError for an unknown protocol."""
    split_by = splitter(protocol)
    return judge(lambda salt: split_by(log, salt), protocol, peers, Plan(seeds, cuts), progress=progress)


def judge(
    splits_of: SplitsOf, protocol: str, peers: Sequence[Peer], plan: Plan, *, progress: Progress | None = None
) -> Results:
    """Judge each peer and published ranking; a user's values are averaged over the splits, intervals are over users.

    Settings are chosen once a protocol, inside what the first split lets one learn from. A model learns from a split
    that has no targets, so that there is nothing to be read. A salt by which nobody can be judged is told and passed
    over. Raises ValueError for no peers or two of one name, BadData where no salt judges anybody.
    """
    models: list[Model] = [*peers, *plan.published]
    names = [model.name for model in models]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"peers holds {names}; expected at least one, each name once")
    judging = _Judging(protocol, plan, models, progress or (lambda _: None))
    salts = range(plan.seed, plan.seed + judging.most)
    for number, splits in enumerate(judged_salts(splits_of, salts, judging.passed_over)):
        if not number:
            judging.begin(splits, peers)
        judging.judge(number, splits)
    return judging.found.results(protocol, max(judging.found.seeds.values()))


class _Judging:
    """One evaluation under way."""

    def __init__(self, protocol: str, plan: Plan, models: Sequence[Model], tell: Progress) -> None:
        self.found, self._runs = Findings(plan.cuts, plan.known, plan.ablation_of, plan.curves), Runs(plan.keep)
        self._protocol, self._models, self._tell = protocol, models, tell
        self._wanted = {model.name: plan.seeds_for(model.name) for model in models}
        self.most = max(self._wanted.values())
        self._passed = 0

    def begin(self, first: Sequence[Split], peers: Sequence[Peer]) -> None:
        """Take the splits of the first salt, and let every peer choose its settings."""
        self._width = len(first)
        self._schedule = Schedule({name: count * len(first) for name, count in self._wanted.items()})
        for chosen in _choose(self.found, self._runs, peers, first[0], self._protocol):
            self._tell(Step(0, self._schedule.total, chosen))

    def judge(self, number: int, splits: Sequence[Split]) -> None:
        """Judge the models on the splits of a salt, the one behind `number` others."""
        for split in splits:
            self.found.splits[split.title] = split.fingerprint
            for model in self._models:
                if number < self._wanted[model.name]:
                    self.found.seeds[model.name] = number + 1
                    self._tell(_judge(model, split, self.found, self._runs, self._schedule))

    def passed_over(self, what: str) -> None:
        """Tell that a salt judges nobody."""
        self._passed += 1
        done = max(self.found.seeds.values(), default=0)
        self._tell(self._schedule.at_most((self.most - self._passed - done) * self._width, what))


def _choose(found: Findings, runs: Runs, peers: Sequence[Peer], split: Split, protocol: str) -> Iterator[str]:
    """Let every peer choose its settings on one validation split, and yield what it chose where it had a choice."""
    if not peers:
        return
    validation = validation_of(split, splitter(protocol))
    for peer in peers:
        chosen = found.chosen[peer.name] = runs.choose(peer, validation, seed=split.salt)
        settings = ", ".join(f"{name} {value:g}" for name, value in chosen.settings.items())
        if settings:
            yield f"{peer.name} chose {settings} in {chosen.spent.seconds:.0f} s"


def _judge(model: Model, split: Split, found: Findings, runs: Runs, schedule: Schedule) -> Step:
    """Judge a model on a split, and return how far everything is."""
    depth = max(*found.cuts, POOL if found.with_curves else 0)
    if isinstance(model, Published):
        meter = Meter()
        outcome = rank(model.scorer(split), split, depth=depth)
        run = Run(outcome, meter.read())
    else:
        run = runs.run(model, split, found.chosen[model.name].settings, seed=split.salt, depth=depth)
    figure = f"ndcg@{found.cuts[0]}"
    mean = found.add(model.name, split, run).values[figure].mean()
    return schedule.done(model.name, run.spent.seconds, f"{split.title}, {model.name}: {figure} {mean:.4f}")
