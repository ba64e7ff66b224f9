"""Copying workspaces that nobody writes to."""

import gc
import shutil
from pathlib import Path


def copied(workspace: Path, target: Path) -> Path:
    """Copy a workspace into a new or empty folder, and return that.

    A store that a test has dropped, and that lies in a cycle, is closed by the collector at any moment, and what SQLite
    keeps beside its file goes with it: not while the files are copied.
    """
    gc.disable()
    try:
        shutil.copytree(workspace, target, dirs_exist_ok=True)
    finally:
        gc.enable()
    return target
