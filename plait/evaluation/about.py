"""About: how figures came to be, so that they can be made again."""

import hashlib
import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("plait", "numpy", "scipy", "torch", "faiss-cpu", "implicit", "scikit-learn")


def about(command: str, splits: Mapping[str, str]) -> dict[str, str]:
    """Return the command, a hash of what was judged (`splits`, a sha256 each), versions and the machine."""
    digest = hashlib.sha256("\n".join(f"{title} {sha256}" for title, sha256 in sorted(splits.items())).encode())
    versions = [f"{name} {known}" for name in PACKAGES if (known := _version(name))]
    told = {"command": command}
    if splits:
        told["data"] = f"sha256 {digest.hexdigest()} of {len(splits)} splits"
    return told | {
        "versions": ", ".join([f"Python {platform.python_version()}", *versions]),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
