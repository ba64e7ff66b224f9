"""The dashboard and the alerts ask for metrics that there are, by labels that these have."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from plait.service.metrics import Metrics
from plait.stages import Lap

DEPLOY = Path(__file__).parents[2] / "deploy"
METRIC = re.compile(r"\bplait_[a-z_]+(?:\{([^}]*)\})?")
BY = re.compile(r"\bby \(([^)]*)\)")
OF_PROMETHEUS = {"job", "le"}
"""Labels that a scrape adds, and that buckets have."""


def known() -> dict[str, set[str]]:
    """Return the labels of each metric by its name, of a service in which everything has happened once."""
    metrics = Metrics()
    metrics.observe("GET", "/health", 200, 0.1)
    metrics.heard(Lap("follow", 0, 0.1))
    metrics.batch("search", 1)
    lane = metrics.lane("answers")
    lane.entered()
    lane.began(0.1)
    lane.refused()
    metrics.received({"like": 1}, {"accepted": 1})
    metrics.shown("1", 10, 1)
    metrics.looked_up(1, 1)
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(metrics.text().decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def dashboard() -> dict[str, Any]:
    found = json.loads((DEPLOY / "grafana.json").read_text())
    assert isinstance(found, dict)
    return found


def dashboard_expressions() -> list[str]:
    return [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]


def alerts() -> list[dict[str, Any]]:
    found = yaml.safe_load((DEPLOY / "alerts.yml").read_text())
    return [rule for group in found["groups"] for rule in group["rules"]]


def alert_expressions() -> list[str]:
    return [rule["expr"] for rule in alerts()]


def wrong_in(expression: str, metrics: dict[str, set[str]]) -> list[str]:
    """Return the names of metrics that there are not, and of labels that these have not."""
    labels, wrong = set(OF_PROMETHEUS), []
    for match in METRIC.finditer(expression):
        name = match[0].partition("{")[0]
        if name not in metrics:
            wrong.append(name)
            continue
        labels |= metrics[name]
        asked = re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)", match[1] or "")
        wrong += [f"{name}: {label}" for label in asked if label not in metrics[name] | OF_PROMETHEUS]
    return wrong + [by for found in BY.findall(expression) for by in re.split(r",\s*", found) if by not in labels]


@pytest.mark.parametrize("expression", [*dashboard_expressions(), *alert_expressions()])
def test_metrics_and_labels_are_there(expression: str) -> None:
    assert not wrong_in(expression, known())


def test_what_is_not_there_is_found() -> None:
    metrics = known()
    assert wrong_in("rate(plait_nowhere_total[5m])", metrics) == ["plait_nowhere_total"]
    assert wrong_in('plait_lane_requests{kind="x"}', metrics) == ["plait_lane_requests: kind"]
    assert wrong_in("sum by (lane) (plait_workers)", metrics) == ["lane"]


def test_the_dashboard_shows_every_metric() -> None:
    shown = " ".join(dashboard_expressions())
    names = {re.sub(r"_(bucket|sum|count|created)$", "", name) for name in known()}
    assert not [name for name in names if name not in shown]


def test_panels_have_places_of_their_own() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(set(taken)) == len(taken)


def test_what_nothing_has_ever_tended_is_untended() -> None:
    [rule] = [rule for rule in alerts() if rule["alert"] == "PlaitUntended"]
    never = "plait_index_number unless plait_index_recall_timestamp_seconds"
    assert f"or ({never})" in " ".join(rule["expr"].split())
    metrics = Metrics("shop")

    def series() -> dict[str, dict[str, str]]:
        families = text_string_to_metric_families(metrics.text().decode())
        return {sample.name: sample.labels for family in families for sample in family.samples if sample.name in never}

    metrics.state({"index_number": 1.0}, 0)
    assert series() == {"plait_index_number": {"tenant": "shop"}}
    # The two are matched by all their labels.
    metrics.state({"index_number": 1.0, "index_recall_at": 1.0}, 0)
    first, second = series().values()
    assert first == second


def test_alerts_are_explained_where_operators_read() -> None:
    told = (DEPLOY.parent / "docs" / "operate.md").read_text()
    for rule in alerts():
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert f"`{rule['alert']}`" in told


def test_metrics_are_explained_where_operators_read() -> None:
    told = (DEPLOY.parent / "docs" / "operate.md").read_text()
    names = {re.sub(r"_(bucket|sum|count|created)$", "", name) for name in known()}
    lacking = [name for name in names if name not in told]
    assert set(lacking) <= {"plait_index_recall_floor_ratio", "plait_index_recall_timestamp_seconds"}
