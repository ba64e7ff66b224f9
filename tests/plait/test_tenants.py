"""The registry of tenants: a folder that is none is left as it is, and one that was begun can be gone on with."""

import fcntl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plait import tenants
from plait.tenants import LOCK, UNBOUNDED, add_tenant, read_tenants
from tests.plait.conftest import Cli


@pytest.mark.parametrize("begun", ["missing", "empty", "a file"])
def test_a_folder_that_holds_no_tenants_is_left_as_it_is(begun: str, tmp_path: Path, cli: Cli) -> None:
    folder = tmp_path / "shops"
    if begun == "empty":
        folder.mkdir()
    if begun == "a file":
        folder.write_text("of somebody")
    for action in (["remove", "acme", "--yes"], ["list"]):
        told = cli("tenants", folder, *action)
        assert told.code == 2
        assert told.err == f"plait: {folder} holds no tenants; `plait tenants {folder} add NAME` begins\n"
    assert folder.exists() == (begun != "missing")
    assert begun != "empty" or not list(folder.iterdir())


def test_an_add_that_was_killed_can_be_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it wrote, while it wrote, and before it made the tenant's folder; for the first tenant and another."""
    begun = tmp_path / "begun"
    begun.mkdir()
    for name in (LOCK, "tenants.json.new"):
        (begun / name).touch()
        assert add_tenant(begun, "acme", UNBOUNDED).is_dir()
        (begun / "tenants.json").unlink()
        (begun / "acme").rmdir()
    folder = tmp_path / "all"

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for name in ("acme", "bell"):
        with monkeypatch.context() as patch:
            patch.setattr(tenants, "replace_text", killed)
            with pytest.raises(KeyboardInterrupt):
                add_tenant(folder, name, UNBOUNDED)
        assert add_tenant(folder, name, UNBOUNDED).is_dir()
    # Named, and without a folder.
    (folder / "bell").rmdir()
    assert add_tenant(folder, "bell", UNBOUNDED).is_dir()
    assert read_tenants(folder).keys() == {"acme", "bell"}


def test_two_that_add_the_first_tenants_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that comes second finds the lock of the other, or all that it made since the second looked."""
    folder = tmp_path / "locked"
    folder.mkdir()
    with ThreadPoolExecutor(1) as other:
        with (folder / LOCK).open("a") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            second = other.submit(add_tenant, folder, "bell", UNBOUNDED)
        assert second.result().is_dir()
    folder, has_other = tmp_path / "looked", tenants._has_other

    def overtaken(place: Path) -> bool:
        monkeypatch.setattr(tenants, "_has_other", has_other)
        add_tenant(folder, "acme", UNBOUNDED)
        return has_other(place)

    folder.mkdir()
    monkeypatch.setattr(tenants, "_has_other", overtaken)
    add_tenant(folder, "bell", UNBOUNDED)
    assert read_tenants(folder).keys() == {"acme", "bell"}
