"""Identity: equal things are equal, whatever else differs is told apart."""

from dataclasses import dataclass

import numpy as np
import pytest

from index import IdMap
from plait.evaluation.identity import identity
from plait.evaluation.peers.popularity import Popularity


@dataclass(frozen=True)
class _Box:
    content: object
    size: int = 1


class _Plain:
    def __init__(self, value: object) -> None:
        self.value = value


def _values() -> list[object]:
    return [
        1, 1.0, "1", None, True, (1, 2), (2, 1), [1, 2], {"a": 1}, {"a": 2}, {"b": 1}, np.arange(3), np.arange(4),
        np.arange(3, dtype=np.float32), np.arange(3).reshape(1, 3), IdMap(["a", "b"]), IdMap(["b", "a"]), _Box(1),
        _Box(2), _Box(1, 2), _Box(np.arange(3)), _Box((np.arange(3),)), _Plain(1), _Plain(2), Popularity(),
    ]  # fmt: skip


def test_equal_things_are_equal_and_others_are_not() -> None:
    first, second = ([identity(value) for value in _values()] for _ in range(2))
    assert first == second
    assert len(set(first)) == len(first)


@pytest.mark.parametrize("make", [lambda: np.arange(12).reshape(3, 4)[:, ::2], lambda: np.asfortranarray(np.eye(3))])
def test_how_an_array_lies_in_memory_does_not_matter(make: object) -> None:
    assert callable(make)
    assert identity(make()) == identity(np.ascontiguousarray(make()))
