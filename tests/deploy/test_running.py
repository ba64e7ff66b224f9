"""What runs the service: the compose file, the image, and the units say the same, and nothing more than is needed."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field

from plait.cli import run

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = ("plait.service", "plait-tend.service")


class Part(BaseModel):
    """A part of a compose file: what it does not know is refused. It knows of the specification what is used here."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Build(Part):
    context: str
    dockerfile: str


class Check(Part):
    test: list[str] = Field(default_factory=list)
    interval: str = Field(default="30s", pattern=r"^\d+s$")
    timeout: str = Field(default="30s", pattern=r"^\d+s$")
    retries: int = 3
    disable: bool = False


class Condition(Part):
    condition: Literal["service_started", "service_healthy", "service_completed_successfully"]


class Service(Part):
    image: str
    build: Build | None = None
    command: list[str] = Field(default_factory=list)
    environment: dict[str, str] = Field(default_factory=dict)
    volumes: list[str] = Field(default_factory=list)
    tmpfs: list[str] = Field(default_factory=list)
    ports: list[str] = Field(default_factory=list)
    read_only: bool = False
    cap_drop: list[str] = Field(default_factory=list)
    security_opt: list[str] = Field(default_factory=list)
    restart: Literal["no", "always", "on-failure", "unless-stopped"]
    depends_on: dict[str, Condition] = Field(default_factory=dict)
    healthcheck: Check | None = None
    stop_grace_period: str = "10s"


class Compose(Part):
    name: str
    services: dict[str, Service]
    volumes: dict[str, None]


def compose() -> Compose:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return Compose.model_validate({name: part for name, part in found.items() if not name.startswith("x-")})


Said = pytest.CaptureFixture[str]


def checked(words: list[str], capsys: Said) -> None:
    """Check that a command and its options are those of plait; nothing is begun."""
    assert run([words[0], "--help"]) == 0
    told = capsys.readouterr().out
    for option in (word for word in words if word.startswith("--")):
        assert option in told, option


def test_the_compose_file_holds_together() -> None:
    found = compose()
    for service in found.services.values():
        assert set(service.depends_on) <= set(found.services)
        for volume in service.volumes:
            assert volume.partition(":")[0] in found.volumes
        for other, when in service.depends_on.items():
            if when.condition == "service_healthy":
                check = found.services[other].healthcheck
                assert check is not None
                assert check.test


def test_what_compose_runs_is_plait(capsys: Said) -> None:
    for name in ("plait", "tend"):
        service = compose().services[name]
        checked(service.command, capsys)
        assert service.environment["PLAIT_STORE_URL"].startswith("postgresql+psycopg://plait:${POSTGRES_PASSWORD:?")
        assert (service.read_only, service.cap_drop) == (True, ["ALL"])
    assert all(port.startswith("127.0.0.1:") for port in compose().services["plait"].ports)


def test_no_password_stands_in_the_files() -> None:
    for path in DEPLOY.iterdir():
        assert not re.search(r"(?i)password\s*[:=]\s*[\"']?(?!\$)\w", path.read_text()), path


def test_units_run_what_the_script_installs(capsys: Said) -> None:
    script = (DEPLOY / "install.sh").read_text()
    assert "prefix=${PLAIT_PREFIX:-/opt/plait}" in script
    for name in UNITS:
        text = (DEPLOY / name).read_text()
        (command,) = re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)
        program, *words = shlex.split(command)
        assert program == "/opt/plait/bin/plait"
        checked(words, capsys)
        for line in ("User=plait", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="):
            assert f"\n{line}\n" in text


def test_the_image_is_made_by_the_script_and_is_no_root(capsys: Said) -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    runs = re.findall(r"^RUN (.+)$", text, re.MULTILINE)
    assert runs == ["--mount=type=bind,target=/src,rw /src/deploy/install.sh /src"]
    assert re.findall(r"^USER (.+)$", text, re.MULTILINE) == ["plait"]
    (command,) = re.findall(r"^CMD (\[\"serve.+)$", text, re.MULTILINE)
    checked(yaml.safe_load(command), capsys)


def test_the_image_has_all_that_an_installation_reads() -> None:
    root = DEPLOY.parent
    let_in = {line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().split() if line.startswith("!")}
    assert all((root / name).exists() for name in let_in)
    project = (root / "pyproject.toml").read_text()
    packages = tomllib.loads(project)["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(packages) <= let_in
    assert {"pyproject.toml", "README.md", "LICENSE", "deploy/install.sh"} <= let_in
