"""The report: whole HTML that needs nothing else, with every name escaped."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

from plait.evaluation.report import render, write_report
from plait.evaluation.results import Results
from tests.plait.evaluation.test_results import results

VOID = {"meta", "rect", "line", "br"}


class _Page(HTMLParser):
    """Collects tags and text, and checks that tags are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.said: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.outside += [value or "" for name, value in attrs if name in {"src", "href", "onload", "onclick"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def _read(page: str) -> _Page:
    parser = _Page()
    parser.feed(page)
    parser.close()
    assert not parser.open
    return parser


def test_the_page_is_whole_and_needs_nothing_else() -> None:
    page = _read(render(results(), "plait evaluate WORKSPACE"))
    assert "script" not in page.tags
    assert "link" not in page.tags
    assert not page.outside
    assert {"table", "svg", "rect"} <= set(page.tags)


def test_every_name_is_escaped() -> None:
    html = render(results(), "plait evaluate '<script>alert(1)</script>' & more")
    assert "<b>" not in html
    assert "<script>" not in html
    said = "".join(_read(html).said)
    assert "<b>&\"'" in said
    assert "'<script>alert(1)</script>' & more" in said


def test_tables_hold_means_and_intervals_of_models_buckets_and_differences() -> None:
    said = " ".join("".join(_read(render(results(), "x")).said).split())
    assert said.count("0.1000 0.0500 to 0.1500") >= 8
    for heading in ("ndcg@10", "history 1-20", "Paired differences", "Ablations", "Chosen and spent"):
        assert heading in said


def test_bars_are_as_long_as_the_figures() -> None:
    better = {"mean": 0.2, "low": 0.1, "high": 0.4}
    worse = {"mean": 0.1, "low": 0.05, "high": 0.2}
    html = render(Results("last-liked", 1, 9, {"a": {"m": better}, "b": {"m": worse}}), "x")
    widths = [float(width) for width in re.findall(r"<rect class='bar'[^>]* width='([\d.]+)'", html)]
    assert widths == [160.0, 80.0]


def test_what_cannot_be_said_has_no_bar() -> None:
    assert "='nan'" not in render(results(), "x")


def test_a_folder_is_made_and_holds_page_and_numbers(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "report"
    write_report(folder, results(), "plait evaluate WORKSPACE")
    write_report(folder, results(), "plait evaluate WORKSPACE")
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "results.json"]
    assert json.loads((folder / "results.json").read_text()) == results().to_json()
    assert (folder / "report.html").read_text().startswith("<!doctype html>")


def test_results_without_models_are_a_page_too() -> None:
    _read(render(Results("last-liked", 1, 0, {}), "x"))
