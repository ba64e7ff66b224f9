"""Charts of a report, as SVG that stands in the page: bars with intervals, and one measure against another."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from plait.evaluation.results import Intervals

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BAR, LINE, DOT = "#4878a8", "#222222", "#b04a3a"
ROW_INCHES = 0.3
COLUMNS = 3
"""Buckets side by side."""


def interval_bars(models: Intervals, metric: str) -> str:
    """Return one bar a model, its interval as a whisker; what cannot be said has no bar."""

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot()
        _bars(axes, models, metric)
        axes.set_xlabel(metric)

    return _svg(7.0, 0.7 + ROW_INCHES * len(models), draw, f"{metric} of each model")


def bucket_bars(buckets: Mapping[str, Intervals], metric: str) -> str:
    """Return a small chart a bucket, the models in the same order in each; "" without a bucket."""
    if not buckets:
        return ""
    names = list(dict.fromkeys(name for models in buckets.values() for name in models))
    lines = -(-len(buckets) // COLUMNS)

    def draw(figure: "Figure") -> None:
        for place, (bucket, models) in enumerate(buckets.items()):
            axes = figure.add_subplot(lines, COLUMNS, place + 1)
            _bars(axes, {name: models.get(name, {}) for name in names}, metric)
            axes.set_title(bucket, fontsize=9, loc="left")
            if place % COLUMNS:
                axes.set_yticklabels([])

    return _svg(10.5, lines * (0.9 + 0.22 * len(names)), draw, f"{metric} of each model by bucket")


def one_against_another(models: Intervals, across: str, up: str) -> str:
    """Return a dot a model with the intervals of both metrics; "" where no model has both."""
    known = {name: values for name, values in models.items() if _said(values, across) and _said(values, up)}
    if not known:
        return ""

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot()
        for name, values in known.items():
            x, y = values[across], values[up]
            place = (x["mean"], y["mean"])
            axes.errorbar(*place, xerr=_reach(x), yerr=_reach(y), fmt="o", markersize=4, color=DOT, ecolor="#cccccc")
            axes.annotate(name, place, xytext=(4, 4), textcoords="offset points", fontsize=8)
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        _bare(axes)

    return _svg(7.0, 4.5, draw, f"{up} against {across}")


def method_lines(points: Intervals, across: str, up: str) -> str:
    """Return a line a method through its strengths, from the plain point on; "" where no point has both metrics.

    Points are named by method and strength, such as `mmr 0.3`; the one that has no strength begins every line.
    """
    known = {name: (values[across], values[up]) for name, values in points.items() if _said(values, across)}
    lines: dict[str, list[str]] = {}
    for name in known:
        lines.setdefault(name.partition(" ")[0], []).append(name)
    start = [name for name in known if " " not in name]

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot()
        for method, names in lines.items():
            if names == start and len(lines) > 1:
                continue
            places = [(known[name][0]["mean"], known[name][1]["mean"]) for name in dict.fromkeys((*start, *names))]
            axes.plot(*zip(*places, strict=True), "o-", markersize=3, linewidth=1.0, label=method)
            for name, place in zip(reversed(names), reversed(places), strict=False):
                axes.annotate(name.partition(" ")[2], place, xytext=(3, 3), textcoords="offset points", fontsize=7)
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.legend(frameon=False)
        _bare(axes)

    return _svg(7.0, 4.5, draw, f"{up} against {across} by method") if known else ""


def _said(values: Mapping[str, Mapping[str, float]], metric: str) -> bool:
    return metric in values and bool(np.isfinite(values[metric]["mean"]))


def _reach(interval: Mapping[str, float]) -> list[list[float]]:
    """Return how far the interval goes below and above the mean, as matplotlib wants it."""
    below, above = interval["mean"] - interval["low"], interval["high"] - interval["mean"]
    return [[max(float(np.nan_to_num(below)), 0.0)], [max(float(np.nan_to_num(above)), 0.0)]]


def _bars(axes: "Axes", models: Intervals, metric: str) -> None:
    names: Sequence[str] = list(models)
    for place, name in enumerate(names):
        if _said(models[name], metric):
            found = models[name][metric]
            axes.barh(place, found["mean"], height=0.6, color=BAR)
            axes.errorbar(found["mean"], place, xerr=_reach(found), ecolor=LINE, elinewidth=1.2, fmt="none")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    _bare(axes)


def _bare(axes: "Axes") -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _svg(width: float, height: float, draw: Callable[["Figure"], None], title: str) -> str:
    """Return what `draw` puts on a figure, in inches, as an element of a page."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    written = io.StringIO()
    # Text stays text, also with a dollar sign, and the same figures give the same file.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "plait", "font.size": 9.0, "text.parse_math": False}):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None, "Title": title})
    text = written.getvalue()
    return text[text.index("<svg") :]
