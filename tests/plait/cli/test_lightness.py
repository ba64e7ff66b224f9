"""What a command imports: nothing heavy for help, and torch only where something is encoded."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"torch", "faiss", "transformers", "sentence_transformers", "timm", "torchvision", "open_clip", "implicit",
         "scipy", "pyarrow", "pandas", "sqlalchemy", "numpy", "PIL", "soundfile"}  # fmt: skip
ENCODERS = {"torch", "transformers", "sentence_transformers", "timm", "torchvision", "open_clip"}
RUN = """
import sys
from plait.cli import run
code = run(sys.argv[1:])
sys.stderr.write("\\nimported " + " ".join(sorted({name.split(".")[0] for name in sys.modules})) + "\\n")
sys.exit(code)
"""


def imported_by(*arguments: object) -> set[str]:
    """Run a command in a process of its own; return the top-level modules it had imported at its end."""
    command = [sys.executable, "-c", RUN, *map(str, arguments)]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert outcome.returncode == 0, outcome.stderr
    return set(outcome.stderr.rstrip().splitlines()[-1].split()[1:])


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["recommend", "--help"], ["build", "--help"], ["bundles", "--help"]]
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert imported_by(*arguments) & HEAVY == set()


@pytest.mark.parametrize(
    "command",
    [
        "status", "check", "remove space-0", "remove --items IDS", "profile user-0", "recommend --user user-0",
        "recommend --all-users --output OUT", "recommend --history space-0,space-1", "similar space-0",
        "similar space-0 --kind next", "users-like user-0", "suggest-friends user-0", "audience space-0",
        "search --like space-0,space-1 --user user-0",
        "score --pairs PAIRS",
        "models list", "user export user-0", "user erase user-0", "check --repair",
        "record --user user-0 --item space-0", "train --budget 20s", "update --items ATTRIBUTES",
    ],
)  # fmt: skip
def test_commands_that_encode_nothing_import_no_torch(built: Path, tmp_path: Path, command: str) -> None:
    files = {
        "IDS": "space-1\n", "PAIRS": "user_id,item_id\nuser-0,space-0\n", "ATTRIBUTES": "item_id,year\nspace-0,2020\n",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    words = [str(tmp_path / f"{word}.csv") if word.isupper() else word for word in command.split()]
    assert imported_by(words[0], built, *words[1:]) & ENCODERS == set()


def test_a_second_build_imports_no_torch(built: Path, toy_files: Path) -> None:
    files = ["--items", toy_files / "items.csv", "--interactions", toy_files / "interactions.csv"]
    assert imported_by("build", built, *files) & ENCODERS == set()


def test_words_need_a_text_encoder(built_once: Path) -> None:
    assert "torch" in imported_by("search", built_once, "bread")
