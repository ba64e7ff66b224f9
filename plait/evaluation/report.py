"""The report: one HTML page that needs nothing else, and results.json beside it."""

import html
import json
import math
from collections.abc import Mapping
from pathlib import Path

from plait.evaluation.bootstrap import Interval
from plait.evaluation.results import Results

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; margin: 1rem 0 2rem; } td, th { padding: .3rem .8rem; text-align: right; }
th { border-bottom: 1px solid #888; } td:first-child, th:first-child { text-align: left; }
.bar { fill: #4878a8; } .whisker { stroke: #222; stroke-width: 1.5; } small { color: #666; }
"""
WIDTH = 320
KEYS = ("mean", "low", "high")


def write_report(folder: Path, results: Results, command: str) -> None:
    """Write report.html and results.json into `folder`, made where absent."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results.to_json(), indent=1, allow_nan=False), encoding="utf-8")
    (folder / "report.html").write_text(render(results, command), encoding="utf-8")


def render(results: Results, command: str) -> str:
    """Return the page; every name in it is escaped."""
    metrics = list(next(iter(results.models.values()), {}))
    pieces = [
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{_text(results.protocol)}</title>",
        f"<style>{STYLE}</style><h1>Protocol {_text(results.protocol)}</h1>",
        f"<p>{results.users} users or queries, {results.seeds} seeds. Intervals: 95 %, bootstrap over users.</p>",
        f"<p><code>{_text(command)}</code></p>",
    ]
    for metric in metrics[:1]:
        pieces.append(f"<h2>{_text(metric)}</h2>{_bars(results, metric)}")
    pieces.append(f"<h2>All metrics</h2>{_table(results.models, metrics)}")
    for bucket, models in results.buckets.items():
        pieces.append(f"<h3>{_text(bucket)}</h3>{_table(models, metrics)}")
    if results.differences:
        pieces.append(f"<h2>Paired differences</h2>{_table(results.differences, metrics)}")
    if results.ablations:
        pieces.append(f"<h2>Ablations</h2>{_table(results.ablations, metrics)}")
    if results.details:
        names = list(dict.fromkeys(name for values in results.details.values() for name in values))
        rows = [[_text(m), *(f"{v[n]:g}" if n in v else "" for n in names)] for m, v in results.details.items()]
        pieces.append("<h2>Chosen and spent</h2>" + _html_table(["model", *map(_text, names)], rows))
    return "\n".join(pieces) + "</html>\n"


def _table(models: Mapping[str, Mapping[str, Interval]], metrics: list[str]) -> str:
    rows = []
    for name, values in models.items():
        cells = [
            f"{v['mean']:.4f} <small>{v['low']:.4f} to {v['high']:.4f}</small>" for v in (values[m] for m in metrics)
        ]
        rows.append([_text(name), *cells])
    return _html_table(["model", *map(_text, metrics)], rows)


def _html_table(columns: list[str], rows: list[list[str]]) -> str:
    head = "".join(f"<th>{column}</th>" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _bars(results: Results, metric: str) -> str:
    tops = [values[metric]["high"] for values in results.models.values()]
    highest = max((top for top in tops if top > 0), default=1.0)
    scale = WIDTH / highest
    pieces = []
    for place, (name, values) in enumerate(results.models.items()):
        # What cannot be said has no bar.
        mean, low, high = (0.0 if math.isnan(v) else v * scale for v in (values[metric][k] for k in KEYS))
        y = 24 * place
        pieces.append(
            f"<text x='0' y='{y + 15}'>{_text(name)}</text>"
            f"<rect class='bar' x='130' y='{y + 4}' width='{mean:.1f}' height='14'/>"
            f"<line class='whisker' x1='{130 + low:.1f}' x2='{130 + high:.1f}' y1='{y + 11}' y2='{y + 11}'/>"
        )
    return f"<svg width='{WIDTH + 150}' height='{24 * len(results.models)}' role='img'>{''.join(pieces)}</svg>"


def _text(value: str) -> str:
    return html.escape(value, quote=True)
