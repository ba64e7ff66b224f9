"""Charts: bars and dots where the figures say, names as they are, nothing for what cannot be said."""

import math
import re
from xml.etree import ElementTree

import numpy as np

from plait.evaluation.bootstrap import Interval
from plait.evaluation.charts import BAR, bucket_bars, interval_bars, method_lines, one_against_another

NOTHING: Interval = {"mean": math.nan, "low": math.nan, "high": math.nan}


def interval(mean: float) -> Interval:
    return {"mean": mean, "low": 0.8 * mean, "high": 1.2 * mean}


def bar_widths(svg: str) -> list[float]:
    """Return how wide the filled bars are drawn, from top to bottom."""
    ElementTree.fromstring(svg)
    paths = re.findall(rf'<path d="([^"]+)"[^>]*style="fill: {BAR}"', svg)
    widths = []
    for path in paths:
        xs = [float(x) for x in re.findall(r"[ML] ([\d.]+) ", path)]
        widths.append(max(xs) - min(xs))
    return widths


def test_bars_are_as_long_as_the_means() -> None:
    svg = interval_bars({"a": {"m": interval(0.2)}, "b": {"m": interval(0.1)}, "c": {"m": interval(0.05)}}, "m")
    widths = np.asarray(bar_widths(svg))
    np.testing.assert_allclose(widths / widths[0], [1.0, 0.5, 0.25], rtol=1e-3)


def test_what_cannot_be_said_has_no_bar() -> None:
    assert len(bar_widths(interval_bars({"a": {"m": NOTHING}, "b": {"m": interval(0.1)}, "c": {}}, "m"))) == 1


def test_names_are_shown_as_they_are() -> None:
    svg = interval_bars({"<i> & $x$": {"m": interval(0.1)}}, "m")
    assert "&lt;i&gt; &amp; $x$" in svg
    assert "<i>" not in svg


def test_the_same_figures_give_the_same_chart() -> None:
    models = {"a": {"m": interval(0.2), "n": interval(0.4)}}
    assert interval_bars(models, "m") == interval_bars(models, "m")
    assert one_against_another(models, "n", "m") == one_against_another(models, "n", "m")


def test_a_chart_a_bucket() -> None:
    models = {"a": {"m": interval(0.2)}, "b": {"m": interval(0.1)}}
    svg = bucket_bars({"warm": models, "cold": models, "tail": models, "other": {"a": models["a"]}}, "m")
    for bucket in ("warm", "cold", "tail", "other"):
        assert f">{bucket}</text>" in svg
    assert len(bar_widths(svg)) == 7
    assert bucket_bars({}, "m") == ""


def test_dots_need_both_metrics() -> None:
    models = {"both": {"x": interval(0.3), "y": interval(0.1)}, "one": {"x": NOTHING, "y": interval(0.1)}}
    svg = one_against_another(models, "x", "y")
    assert ">both</text>" in svg
    assert ">one</text>" not in svg
    assert one_against_another({"one": models["one"]}, "x", "y") == ""


def test_a_method_is_a_line_from_the_plain_point_through_its_strengths() -> None:
    def point(x: float) -> dict[str, Interval]:
        return {"x": interval(x), "y": interval(1 - x)}

    points = {"plain": point(0.1), "mmr 0.3": point(0.2), "mmr 0.6": point(0.3), "dpp 0.3": point(0.25)}
    svg = method_lines(points, "x", "y")
    ElementTree.fromstring(svg)
    said = re.findall(r">([^<>]+)</text>", svg)
    assert {"mmr", "dpp", "x", "y"} <= set(said)
    assert "plain" not in said
    lines = [line for line in re.findall(r'<path d="([^"]+)" clip-path', svg) if line.count("L") in (1, 2)]
    assert sorted(line.count("L") for line in lines) == [1, 2]
    starts = {line.split("L")[0].strip() for line in lines}
    assert len(starts) == 1
    assert method_lines({"plain": {"x": NOTHING}}, "x", "y") == ""
