"""The wheel holds the four packages and nothing else, and works from another folder."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from plait.scenarios import SCENARIOS
from tests.plait import toy

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("embedders", "index", "ranker", "plait")
SMOKE = """
import sys
folder, catalogue = sys.argv[1:]
sys.path.insert(0, folder)
import embedders, index, plait, ranker
from plait.cli import run
for package in (embedders, index, plait, ranker):
    assert package.__file__.startswith(folder), package.__file__
items = ["--items", catalogue + "/items.csv", "--interactions", catalogue + "/interactions.csv"]
assert run(["build", "workspace", *items]) == 0
assert run(["train", "workspace", "--budget", "1m"]) == 0
assert run(["search", "workspace", "a storm at sea", "--limit", "3", "--output", "found.csv"]) == 0
assert run(["recommend", "workspace", "--user", "user-0", "--limit", "3", "--output", "shown.csv"]) == 0
assert run(["check", "workspace"]) == 0
for name, module in sys.modules.items():
    if name.split(".")[0] in ("embedders", "index", "plait", "ranker") and getattr(module, "__file__", None):
        assert module.__file__.startswith(folder), module.__file__
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """Build the wheel as a release does: in an environment of its own, which pip fills."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, capture_output=True, check=True, timeout=300)
    [path] = folder.glob("*.whl")
    with zipfile.ZipFile(path) as opened:
        yield opened


def test_the_wheel_holds_the_packages_alone(wheel: zipfile.ZipFile) -> None:
    names = {name.split("/")[0] for name in wheel.namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == set(PACKAGES)
    assert len(names) == len(PACKAGES) + 1
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(wheel.namelist())
    assert not any(name.endswith((".pyc", ".csv", ".npy")) for name in wheel.namelist())


def test_the_wheel_holds_every_module(wheel: zipfile.ZipFile) -> None:
    here = {path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    assert {name for name in wheel.namelist() if name.endswith(".py")} == here


def test_the_wheel_holds_every_scenario(wheel: zipfile.ZipFile) -> None:
    assert {f"plait/scenarios/{name}.toml" for name in SCENARIOS} <= set(wheel.namelist())


def test_the_wheel_holds_what_browsers_get(wheel: zipfile.ZipFile) -> None:
    here = {path.relative_to(ROOT).as_posix() for path in (ROOT / "plait" / "service" / "page").iterdir()}
    assert "plait/service/page/index.html" in here
    assert {"plait/service/collect/collect.js", *here} <= set(wheel.namelist())


def test_it_works_from_another_folder(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path / "unpacked")
    (tmp_path / "elsewhere").mkdir()
    toy.write_table(tmp_path / "items.csv", toy.items())
    toy.write_table(tmp_path / "interactions.csv", toy.interactions())
    command = [sys.executable, "-I", "-c", SMOKE, str(tmp_path / "unpacked"), str(tmp_path)]
    outcome = subprocess.run(
        command, cwd=tmp_path / "elsewhere", capture_output=True, text=True, check=False, timeout=300
    )
    assert outcome.returncode == 0, outcome.stderr
    found = (tmp_path / "elsewhere" / "found.csv").read_text()
    assert found.splitlines()[1].split(",")[2].startswith("sailing")
    assert len((tmp_path / "elsewhere" / "shown.csv").read_text().splitlines()) == 4


def test_the_command_is_declared(wheel: zipfile.ZipFile) -> None:
    [name] = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "plait = plait.cli:main" in wheel.read(name).decode()
