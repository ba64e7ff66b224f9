"""First settings: which bundle a workspace has before anything is stored in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from plait.assembly import bundle_named
from plait.config import FILE, Config, default_config, read_config, write_default_config
from plait.durable import replace_text
from plait.errors import WrongCall

if TYPE_CHECKING:
    from plait.workspace import Workspace


def check_bundle(workspace: "Workspace", bundle: str | None) -> None:
    """Raise WrongCall for another bundle than the settings name, unless these are nobody's choice yet.

    That is where nothing is stored and plait.toml is as it was written by a build that failed or was killed.
    """
    named = workspace.config.encoders.bundle
    if bundle not in (None, named) and workspace.store.sequence():
        raise WrongCall(f"{workspace.folder} has the bundle {named}; got --bundle {bundle}")
    check_settings(workspace.folder, workspace.config, bundle)


def check_settings(folder: Path, config: Config, bundle: str | None) -> None:
    """Raise WrongCall for another bundle than `config` names, which somebody changed by hand."""
    named, file = config.encoders.bundle, folder / FILE
    as_written = not file.is_file() or file.read_text(encoding="utf-8") == default_config(named, config.store)
    if bundle not in (None, named) and not as_written:
        raise WrongCall(f"{file} has the bundle {named}; got --bundle {bundle}")


@contextmanager
def first_settings(workspace: "Workspace", bundle: str | None) -> Iterator[None]:
    """Let `bundle` be that of a workspace while it is built, under the lease of `publishing`.

    Where that fails before anything is stored, the settings are again what they were, or the default. Raises WrongCall
    as `check_bundle`, and for an unknown bundle.
    """
    file = workspace.folder / FILE
    workspace.config = read_config(workspace.folder)
    there, store = file.is_file() and not workspace.made_settings, workspace.config.store
    before = file.read_text(encoding="utf-8") if there else default_config(store=store)
    check_bundle(workspace, bundle)
    if bundle is not None and bundle != workspace.config.encoders.bundle:
        bundle_named(bundle)
        write_default_config(workspace.folder, bundle=bundle, store=store)
        workspace.config = read_config(workspace.folder)
    try:
        yield
    except BaseException:
        if bundle is not None and not workspace.store.sequence():
            replace_text(file, before)
        raise
