"""`python -m plait` is the command."""

import subprocess
import sys


def test_it_is_the_command() -> None:
    command = [sys.executable, "-m", "plait"]
    done = subprocess.run([*command, "bundles", "--json"], capture_output=True, text=True, check=True)
    assert '"compact"' in done.stdout
    assert subprocess.run([*command, "nothing"], capture_output=True, check=False).returncode == 2
