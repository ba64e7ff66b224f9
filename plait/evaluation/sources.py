"""Sources: a hash of the code that a module needs, so that a result is kept as long as its code is the same."""

import ast
import hashlib
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
ROOTS = ("embedders", "index", "plait", "ranker")
"""Packages whose imports are followed; what is installed beside them is not looked into."""


@cache
def source_hash(*modules: str) -> str:
    """Return a sha256 of the files of the modules and of everything they import of ours, whatever the order."""
    pending, files = list(modules), dict[str, Path]()
    while pending:
        name = pending.pop()
        path = _file_of(name)
        if path is None or name in files:
            continue
        files[name] = path
        pending += _imported(path.read_text(encoding="utf-8"))
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\x1f".encode() + files[name].read_bytes() + b"\x1f")
    return digest.hexdigest()


def _imported(source: str) -> Iterator[str]:
    """Yield the modules that a source names, and what it takes out of them, which may be modules as well."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        yield from (name for name in names if name.partition(".")[0] in ROOTS)


def _file_of(name: str) -> Path | None:
    """Return the file of a module, None for a name that is none."""
    if name.partition(".")[0] not in ROOTS:
        found = getattr(sys.modules.get(name), "__file__", None)
        return Path(found) if found else None
    place = PACKAGE.joinpath(*name.split("."))
    candidates = (place.with_suffix(".py"), place / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)
