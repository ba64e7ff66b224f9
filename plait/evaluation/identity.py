"""Identity: a hash of what an object is made of, the same in every process that makes it of the same."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass

import numpy as np

PLAIN = (str, int, float, bool, type(None), bytes)


def identity(value: object) -> str:
    """Return a sha256 of plain values, arrays, mappings and sequences of them, and of the fields of any object."""
    digest = hashlib.sha256()
    for piece in _pieces(value):
        digest.update(piece + b"\x1f")
    return digest.hexdigest()


def _pieces(value: object) -> Iterator[bytes]:
    kind = type(value)
    yield f"{kind.__module__}.{kind.__qualname__}".encode()
    if isinstance(value, PLAIN):
        yield repr(value).encode()
    elif isinstance(value, np.ndarray):
        yield repr((value.dtype.str, value.shape)).encode() + np.ascontiguousarray(value).tobytes()
    elif isinstance(value, np.generic):
        yield repr(value.item()).encode()
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _pieces(key)
            yield from _pieces(part)
    elif isinstance(value, Iterable):
        for part in value:
            yield from _pieces(part)
    else:
        for name, part in _fields(value):
            yield name.encode()
            yield from _pieces(part)


def _fields(value: object) -> Iterator[tuple[str, object]]:
    if is_dataclass(value) and not isinstance(value, type):
        yield from ((field.name, getattr(value, field.name)) for field in fields(value))
    else:
        yield from sorted(getattr(value, "__dict__", {}).items())
