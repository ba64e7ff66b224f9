"""`plait serve` for real: wrong calls."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.system


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "256.0.0.1", "--no-keys"], "cannot listen"),
        (["--port", "70000"], "--port"),
        (["--workers", "0"], "--workers"),
    ],
)
def test_a_wrong_call(own: Path, options: list[str], said: str) -> None:
    command = [sys.executable, "-m", "scripts.serve", str(own), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr


def test_no_workspace(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scripts.serve", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is not a workspace" in done.stderr
