"""Findings: what was observed of each model, split by split, and the results they make together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from index.vector_index import Mask, Rows
from plait.evaluation.bootstrap import Interval, intervals
from plait.evaluation.buckets import HISTORIES, TARGETS, buckets, target_buckets
from plait.evaluation.differences import differences
from plait.evaluation.exposure import Slates, catalogue_measures
from plait.evaluation.group_gaps import group_gaps
from plait.evaluation.item_facts import ItemFacts
from plait.evaluation.known import Known
from plait.evaluation.list_curves import curve_of, observe_curve
from plait.evaluation.lists import observe_lists
from plait.evaluation.measure import Outcome, observe
from plait.evaluation.observations import Observations, Values
from plait.evaluation.peers.peer import Settings
from plait.evaluation.prediction_measures import chance_measures, rating_measures
from plait.evaluation.results import Results
from plait.evaluation.runs import Chosen, Run
from plait.evaluation.spent import Spent
from plait.evaluation.splits import Split
from ranker.interactions import Floats

UNKNOWN: Interval = {"mean": np.nan, "low": np.nan, "high": np.nan}


@dataclass(frozen=True, slots=True)
class Findings:
    """Observations of each model in the order of the splits, the same bucket by bucket, and what was spent."""

    cuts: tuple[int, ...]
    known: Known = field(default_factory=Known)
    ablation_of: Mapping[str, str] = field(default_factory=dict)
    with_curves: bool = False
    observed: dict[str, list[Observations]] = field(default_factory=dict)
    inside: dict[str, dict[str, list[Observations]]] = field(default_factory=dict)
    spent: dict[str, list[Spent]] = field(default_factory=dict)
    chosen: dict[str, Chosen] = field(default_factory=dict)
    seeds: dict[str, int] = field(default_factory=dict)
    splits: dict[str, str] = field(default_factory=dict)
    slates: dict[str, list[Slates]] = field(default_factory=dict)
    rated: dict[str, list[tuple[Rows, Floats, Floats]]] = field(default_factory=dict)
    said: dict[str, list[tuple[Rows, Floats, Mask]]] = field(default_factory=dict)
    chose: dict[str, list[Settings]] = field(default_factory=dict)
    curves: dict[str, dict[str, list[Observations]]] = field(default_factory=dict)
    _facts: dict[str, ItemFacts] = field(default_factory=dict)

    def add(self, name: str, split: Split, run: Run) -> Observations:
        """Take in what a model made of a split, and return what was observed."""
        facts, outcome = self._facts_of(split), run.outcome
        seen = observe(outcome, split, self.cuts)
        seen = Observations(seen.users, {**seen.values, **observe_lists(outcome, split, facts, self.cuts)})
        self.slates.setdefault(name, []).append(Slates(split.users, outcome.top, split.in_pool))
        rated = (split.users[split.target_owners], outcome.ratings, split.ratings)
        self.rated.setdefault(name, []).append(rated)
        if (shown := split.shown) is not None:
            self.said.setdefault(name, []).append((shown.users[shown.owners], outcome.chances, shown.happened))
        self.observed.setdefault(name, []).append(seen)
        self.spent.setdefault(name, []).append(run.spent)
        self.chose.setdefault(name, []).append(run.chose)
        self._add_buckets(name, split, outcome, seen)
        if self.with_curves and name not in self.ablation_of:
            for point, diverse in observe_curve(outcome, split, facts, self.cuts[0]).items():
                self.curves.setdefault(name, {}).setdefault(point, []).append(diverse)
        return seen

    def _add_buckets(self, name: str, split: Split, outcome: Outcome, seen: Observations) -> None:
        for bucket, cases in buckets(split).items():
            self._add_inside(bucket, name, seen.where(cases))
        for bucket, chosen in {**target_buckets(split), **self.known.target_buckets(split)}.items():
            owners = np.unique(split.target_owners[chosen])
            of_bucket = observe(outcome, split, self.cuts, chosen=chosen)
            self._add_inside(bucket, name, of_bucket.where(np.isin(np.arange(len(split)), owners)))

    def results(self, protocol: str, seeds: int) -> Results:
        """Return everything with its intervals; a user's values are averaged over the splits first."""
        by_user = {name: Observations.joined(parts).by_user() for name, parts in self.observed.items()}
        ordered = [name for name in (*HISTORIES, *TARGETS) if name in self.inside]
        ordered += [name for name in self.inside if name not in ordered]
        users = [part.users for parts in self.observed.values() for part in parts]
        models = _filled({name: self._of_model(name, values) for name, values in by_user.items()})
        return Results(
            protocol=protocol,
            seeds=seeds,
            users=len(np.unique(np.concatenate(users))),
            models={name: values for name, values in models.items() if name not in self.ablation_of},
            buckets={bucket: _intervals(self._by_user(self.inside[bucket])) for bucket in ordered},
            ablations={name: models[name] for name in (*dict.fromkeys(self.ablation_of.values()), *self.ablation_of)},
            details={name: self._details(name) for name in self.observed},
            differences=differences(self.observed, f"ndcg@{self.cuts[0]}", against=self.ablation_of),
            splits=dict(self.splits),
            curves={name: curve_of(points) for name, points in self.curves.items()},
        )

    def _of_model(self, name: str, by_user: Values) -> dict[str, Interval]:
        """Return every measure of a model: means over users, of all lists together, of predictions, gaps of groups."""
        found = intervals(by_user) | catalogue_measures(self.slates[name], self.cuts)
        users, predicted, actual = (np.concatenate(column) for column in zip(*self.rated[name], strict=True))
        if (~np.isnan(predicted) & ~np.isnan(actual)).any():
            found |= rating_measures(users, predicted, actual)
        if name in self.said:
            users, chances, happened = (np.concatenate(column) for column in zip(*self.said[name], strict=True))
            found |= chance_measures(users, chances, happened)
        judged = np.unique(np.concatenate([part.users for part in self.observed[name]])).tolist()
        metric = f"ndcg@{self.cuts[0]}"
        for attribute, groups in self.known.groups.items():
            gap = group_gaps({metric: by_user[metric]}, [groups[user] for user in judged])
            found[f"{metric} gap by {attribute}"] = gap[metric]
        return found

    def _by_user(self, models: Mapping[str, Sequence[Observations]]) -> dict[str, Values]:
        return {n: Observations.joined(parts).by_user() for n, parts in models.items() if n not in self.ablation_of}

    def _facts_of(self, split: Split) -> ItemFacts:
        """Return what is known of a split's items; the models of one split are added in turn."""
        if split.title not in self._facts:
            self._facts.clear()
            self._facts[split.title] = self.known.facts(split)
        return self._facts[split.title]

    def _add_inside(self, bucket: str, name: str, observed: Observations) -> None:
        if len(observed.users):
            self.inside.setdefault(bucket, {}).setdefault(name, []).append(observed)

    def _details(self, name: str) -> dict[str, float]:
        """Return how many salts a model had, the mean seconds of a run, the highest peak of all it did, its choice."""
        found: dict[str, float] = {"seeds": self.seeds[name]}
        found["seconds"] = round(float(np.mean([spent.seconds for spent in self.spent[name]])), 3)
        found["peak_mb"] = round(max(spent.peak_mb for spent in self.spent[name]), 1)
        if name in self.chosen:
            chosen = self.chosen[name]
            found["peak_mb"] = max(found["peak_mb"], round(chosen.spent.peak_mb, 1))
            found |= {"choosing_seconds": round(chosen.spent.seconds, 3), **chosen.settings}
        found |= _spans(self.chose[name])
        if name in self.said:
            found["impressions"] = sum(int((~np.isnan(chances)).sum()) for _, chances, _ in self.said[name])
        return found


def _spans(chose: Sequence[Settings]) -> dict[str, float]:
    """Return what was chosen in every run; the least and the most of a setting that came out differently."""
    found: dict[str, float] = {}
    for name in dict.fromkeys(name for settings in chose for name in settings):
        values = [settings[name] for settings in chose if name in settings]
        least, most = min(values), max(values)
        found |= {name: least} if least == most else {f"{name} (least)": least, f"{name} (most)": most}
    return found


def _intervals(models: Mapping[str, Values]) -> dict[str, dict[str, Interval]]:
    """Return the intervals of each model."""
    return _filled({name: intervals(values) for name, values in models.items()})


def _filled(found: Mapping[str, Mapping[str, Interval]]) -> dict[str, dict[str, Interval]]:
    """Return the same metrics for every model; one that only others have is unknown."""
    metrics = list(dict.fromkeys(metric for values in found.values() for metric in values))
    return {name: {metric: values.get(metric, UNKNOWN) for metric in metrics} for name, values in found.items()}
