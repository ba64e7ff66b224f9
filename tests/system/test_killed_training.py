"""A training killed by SIGKILL goes on where it stood, and answers as one that was never killed."""

import json
import signal
import time
from pathlib import Path

import pytest

from tests.copying import copied
from tests.system.commands import answer_of, start_plait

pytestmark = pytest.mark.system


def test_a_killed_training_goes_on_to_the_same_ranking(workspace: Path, tmp_path: Path) -> None:
    plan = {**answer_of("train", workspace, "--budget", "2m")["plan"], "epochs": 300}
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan), encoding="utf-8")
    whole = copied(workspace, tmp_path / "whole")
    call = ("--plan", file, "--budget", "1h", "--seed", "5")
    published = answer_of("status", workspace)["model"]
    process = start_plait("train", workspace, *call)
    began = time.monotonic()
    while not list((workspace / "models" / ".training").glob("*.safetensors")):
        assert process.poll() is None
        assert time.monotonic() - began < 120
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert answer_of("status", workspace)["model"] == published
    for folder in (workspace, whole):
        answer_of("train", folder, *call)
    assert not (workspace / "models" / ".training").exists()
    asked = ("--user", "user-0", "--include-seen")
    assert answer_of("recommend", workspace, *asked)["items"] == answer_of("recommend", whole, *asked)["items"]
