"""The report: whole HTML that needs nothing else, with every name escaped."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from plait.evaluation.report import render, write_report
from plait.evaluation.results import Results
from tests.plait.evaluation.test_results import NOTHING, SOME, results

VOID = {"meta", "br"}


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
    page = _read(render(results()))
    assert "script" not in page.tags
    assert "link" not in page.tags
    assert not page.outside
    assert {"table", "svg", "path"} <= set(page.tags)


def test_every_name_is_escaped() -> None:
    html = render(replace(results(), about={"command": "plait evaluate '<script>alert(1)</script>' & more"}))
    assert "<b>" not in html
    assert "<script>" not in html
    said = "".join(_read(html).said)
    assert "<b>&\"'" in said
    assert "'<script>alert(1)</script>' & more" in said


def test_tables_hold_means_and_intervals_of_models_buckets_and_differences() -> None:
    said = " ".join("".join(_read(render(results())).said).split())
    assert said.count("0.1000 0.0500 to 0.1500") >= 8
    for heading in ("ndcg@10", "history 1-20", "Paired differences", "Ablations", "Chosen and spent"):
        assert heading in said


def test_a_folder_is_made_and_holds_page_and_numbers(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "report"
    write_report(folder, results())
    write_report(folder, results())
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "results.json"]
    assert json.loads((folder / "results.json").read_text()) == results().to_json()
    assert (folder / "report.html").read_text().startswith("<!doctype html>")


def test_results_without_models_are_a_page_too() -> None:
    _read(render(Results("last-liked", 1, 0, {})))


def test_an_interval_that_holds_zero_is_no_difference() -> None:
    sure, unsure = {"mean": 0.02, "low": 0.01, "high": 0.03}, {"mean": 0.02, "low": -0.01, "high": 0.05}
    models = {"a": {"m": sure}}
    html = render(Results("last-liked", 1, 9, models, differences={"a - b": {"m": sure}, "b - a": {"m": unsure}}))
    assert html.count("no difference <small>-0.0100 to 0.0500") == 1
    assert html.count("+0.0200 <small>0.0100 to 0.0300") == 1


def test_accuracy_is_shown_against_the_diversity_that_is_known() -> None:
    models = {"a": {"ndcg@10": SOME, "content_diversity@10": NOTHING, "category_diversity@10": SOME}}
    assert "ndcg@10 against category_diversity@10" in render(Results("random", 1, 9, models))
    del models["a"]["category_diversity@10"]
    assert "Accuracy against diversity" not in render(Results("random", 1, 9, models))
