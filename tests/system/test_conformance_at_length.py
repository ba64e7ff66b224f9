"""A served workspace beside its OpenAPI, at length: thousands of generated requests, by real connections."""

import json
from collections import Counter
from pathlib import Path

import httpx
import pytest
import schemathesis
from schemathesis import GenerationMode

from scripts.served import served
from tests.plait.service.conforming import OF_THE_SENSIBLE, failures_of
from tests.plait.service.sensible import sensible

pytestmark = [pytest.mark.system, pytest.mark.filterwarnings("default")]
CASES = {GenerationMode.POSITIVE: 3_200, GenerationMode.NEGATIVE: 600}
"""At least; one that is wrong takes three times as long to generate."""
EXAMPLES = {GenerationMode.POSITIVE: 75, GenerationMode.NEGATIVE: 40}
"""For each route in a round."""
SENSIBLE = 800
"""With the 1,500 of `test_conformance` more than 6,000 cases."""


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_thousands_of_requests(workspace: Path, tmp_path: Path, mode: GenerationMode) -> None:
    done: Counter[str] = Counter()
    failures: list[str] = []
    with served(workspace, log=tmp_path / "log") as (_, address):
        schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
        while done.total() < CASES[mode] and not failures:
            failures = failures_of(schema, mode, done, examples=EXAMPLES[mode], chance=done.total())
    assert not failures, "\n\n".join(failures)
    check_log(tmp_path / "log", CASES[mode] // 2)


def test_what_is_sensible_is_answered(workspace: Path, tmp_path: Path) -> None:
    done: Counter[str] = Counter()
    with served(workspace, log=tmp_path / "log") as (_, address):
        narrower = sensible(httpx.get(f"{address}/openapi.json").json())
        schema = schemathesis.openapi.from_dict(narrower)
        schema.config.update(base_url=address)
        failures: list[str] = []
        while done.total() < SENSIBLE and not failures:
            failures = failures_of(
                schema, GenerationMode.POSITIVE, done, examples=35, chance=done.total(), checked=OF_THE_SENSIBLE
            )
    assert not failures, "\n\n".join(failures)
    check_log(tmp_path / "log", SENSIBLE // 2)


def check_log(path: Path, least: int) -> None:
    """Check that the service's log has what was asked, and nothing that failed."""
    log = path.read_text(encoding="utf-8")
    assert "Traceback" not in log
    # What Python itself warns of as it ends is no line of the service.
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    # Until the service is ready it says so by 503.
    asked = [line for line in lines if line.get("route") not in (None, "/ready")]
    assert [line for line in lines if "trace" in line] == []
    assert [line for line in asked if line["status"] >= 500] == []
    assert len(asked) >= least
