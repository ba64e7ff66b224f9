"""A process of its own that keeps a workspace open and answers what it is asked."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.system.commands import start_script

SCRIPT = """
import json, sys
from plait import Recommender
recommender = Recommender.open(sys.argv[1])
for line in sys.stdin:
    name, arguments, options = json.loads(line)
    answer = getattr(recommender, name)(*arguments, **options)
    print(json.dumps(answer.to_json() if hasattr(answer, "items") else None), flush=True)
"""


class Reader:
    """Asks such a process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, name: str, *arguments: object, **options: object) -> Any:
        """Call a method of the recommender; return its ranking as JSON, None for any other answer."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([name, arguments, options]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def reader_of(workspace: Path, folder: Path) -> Iterator[Reader]:
    """Start a reader, whose script is written into `folder`; end it with the block."""
    script = folder / "reader.py"
    script.write_text(SCRIPT, encoding="utf-8")
    process = start_script(script, workspace)
    try:
        yield Reader(process)
    finally:
        process.kill()
        process.communicate()
