"""The runner: every model learns from the same splits and must find the same targets in the whole catalogue."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plait.evaluation.findings import Findings
from plait.evaluation.known import Known
from plait.evaluation.measure import rank
from plait.evaluation.peers.peer import Peer
from plait.evaluation.protocols import splitter
from plait.evaluation.published import Published
from plait.evaluation.results import Results
from plait.evaluation.runs import Runs
from plait.evaluation.spent import Meter
from plait.evaluation.splits import Split
from plait.evaluation.steps import Progress, Schedule, Step
from plait.evaluation.validation import validation_of
from plait.history import Log

SplitsOf = Callable[[int], Sequence[Split]]
"""Gives the splits of a salt."""
Model = Peer | Published


@dataclass(frozen=True, slots=True)
class Plan:
    """How models are judged: on salts `seed` .. `seed + seeds - 1`, at `cuts`, by the metrics of ranker.metrics.

    `seeds_of` gives single models another number of salts, the first ones. `published` rankings are judged beside
    the models; `ablation_of` names those that are another one less something; by what is `known` of items and users
    lists are judged beyond accuracy. With a folder `keep`, runs are kept there, and those that are there already are
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
    that has no targets, so that there is nothing to be read. Raises ValueError for no peers or two of one name.
    """
    models: list[Model] = [*peers, *plan.published]
    names = [model.name for model in models]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"peers holds {names}; expected at least one, each name once")
    seeds, first = {name: plan.seeds_for(name) for name in names}, splits_of(plan.seed)
    found, runs = Findings(plan.cuts, plan.known, plan.ablation_of, seeds=seeds), Runs(plan.keep)
    schedule = Schedule({name: count * len(first) for name, count in seeds.items()})
    tell = progress or (lambda _: None)
    for chosen in _choose(found, runs, peers, first[0], protocol):
        tell(Step(0, schedule.total, chosen))
    for number in range(max(seeds.values())):
        for split in splits_of(plan.seed + number) if number else first:
            found.splits[split.title] = split.fingerprint
            for model in models:
                if number < seeds[model.name]:
                    tell(_judge(model, split, found, runs, schedule))
    return found.results(protocol, max(seeds.values()))


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
    depth = max(found.cuts)
    if isinstance(model, Published):
        meter = Meter()
        outcome, spent = rank(model.scorer(split), split, depth=depth), meter.read()
    else:
        run = runs.run(model, split, found.chosen[model.name].settings, seed=split.salt, depth=depth)
        outcome, spent = run.outcome, run.spent
    figure = f"ndcg@{found.cuts[0]}"
    mean = found.add(model.name, split, outcome, spent).values[figure].mean()
    return schedule.done(model.name, spent.seconds, f"{split.title}, {model.name}: {figure} {mean:.4f}")
