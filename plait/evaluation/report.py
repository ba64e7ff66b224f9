"""The report: one HTML page that needs nothing else, and results.json beside it."""

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from plait.evaluation.bootstrap import Interval
from plait.evaluation.charts import bucket_bars, interval_bars, method_lines, one_against_another
from plait.evaluation.results import Intervals, Results

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; margin: 1rem 0 2rem; } td, th { padding: .3rem .8rem; text-align: right; }
th { border-bottom: 1px solid #888; } td:first-child, th:first-child { text-align: left; } small { color: #666; }
.wide { overflow-x: auto; } .best { font-weight: bold; } svg { max-width: 100%; height: auto; }
"""
VARIETY = ("content_diversity", "category_diversity")
"""What accuracy is shown against, the first that could be measured."""


def write_report(folder: Path, results: Results) -> None:
    """Write report.html and results.json into `folder`, made where absent."""
    folder.mkdir(parents=True, exist_ok=True)
    told = json.dumps(results.to_json(), indent=1, allow_nan=False)
    (folder / "results.json").write_text(told, encoding="utf-8")
    (folder / "report.html").write_text(render(results), encoding="utf-8")


def render(results: Results) -> str:
    """Return the page; every name in it is escaped."""
    metrics = list(dict.fromkeys(metric for values in results.models.values() for metric in values))
    first = metrics[0] if metrics else ""
    pieces = [
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{_text(results.protocol)}</title>",
        f"<style>{STYLE}</style><h1>Protocol {_text(results.protocol)}</h1>",
        f"<p>{results.users} users or queries, {results.seeds} seeds. Intervals: 95 %, bootstrap over users.</p>",
        _html_table(
            ["about", ""], [[_text(name), f"<code>{_text(said)}</code>"] for name, said in results.about.items()]
        ),
    ]
    if first:
        pieces += [f"<h2>{_text(first)}</h2>", interval_bars(results.models, first), _against_variety(results, first)]
    pieces.append(f"<h2>All metrics</h2>{_table(results.models, metrics)}")
    if results.differences:
        pieces.append("<h2>Paired differences to the best other model</h2>" + _differences(results, metrics))
    if results.ablations:
        pieces.append(f"<h2>Ablations: Plait without a part or a strand</h2>{_table(results.ablations, metrics)}")
    pieces += _curves(results)
    if results.buckets:
        pieces += [f"<h2>Buckets, {_text(first)}</h2>", bucket_bars(results.buckets, first)]
        pieces += [f"<h3>{_text(bucket)}</h3>{_table(models, metrics)}" for bucket, models in results.buckets.items()]
    if results.details:
        pieces.append("<h2>Chosen and spent</h2>" + _details(results.details))
    return "\n".join(piece for piece in pieces if piece) + "</html>\n"


def _against_variety(results: Results, metric: str) -> str:
    cut = metric.rpartition("@")[2]
    for name in VARIETY:
        if chart := one_against_another(results.models, f"{name}@{cut}", metric):
            return f"<h2>Accuracy against diversity</h2>{chart}"
    return ""


def _curves(results: Results) -> list[str]:
    """Return for each model a chart of what diverse lists cost by each of VARIETY, and the table it is drawn from."""
    pieces = []
    for model, points in results.curves.items():
        metrics = list(dict.fromkeys(name for values in points.values() for name in values))
        pieces.append(f"<h2>Diverse lists of {_text(model)}, by method and strength</h2>")
        cut = metrics[0].rpartition("@")[2]
        pieces += [method_lines(points, f"{name}@{cut}", metrics[0]) for name in (*VARIETY, "category_coverage")]
        pieces.append(_table(points, metrics))
    return pieces


def _differences(results: Results, metrics: Sequence[str]) -> str:
    """Return the table in which an interval that holds zero is called no difference."""
    rows = []
    for name, values in results.differences.items():
        cells = []
        for metric in metrics:
            found = values.get(metric)
            if found is None or found["mean"] != found["mean"]:
                cells.append("")
            elif found["low"] <= 0.0 <= found["high"]:
                cells.append(f"no difference {_interval(found)}")
            else:
                cells.append(f"{found['mean']:+.4f} {_interval(found)}")
        rows.append([_text(name), *cells])
    return _html_table(["models", *map(_text, metrics)], rows)


def _table(models: Intervals, metrics: Sequence[str]) -> str:
    rows = []
    for name, values in models.items():
        found = [values.get(metric) for metric in metrics]
        cells = ["" if v is None or v["mean"] != v["mean"] else f"{v['mean']:.4f} {_interval(v)}" for v in found]
        rows.append([_text(name), *cells])
    return _html_table(["model", *map(_text, metrics)], rows)


def _interval(found: Interval) -> str:
    return f"<small>{found['low']:.4f} to {found['high']:.4f}</small>"


def _details(details: Mapping[str, Mapping[str, float]]) -> str:
    names = list(dict.fromkeys(name for values in details.values() for name in values))
    rows = [[_text(m), *(f"{v[n]:g}" if n in v else "" for n in names)] for m, v in details.items()]
    return _html_table(["model", *map(_text, names)], rows)


def _html_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{column}</th>" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div class='wide'><table><tr>{head}</tr>{body}</table></div>"


def _text(value: str) -> str:
    return html.escape(value, quote=True)
