"""Asked: what users searched for is encoded once for as long as the index stays the same."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embedders.encoder import Vectors
from plait.flows import asked as flow
from plait.flows.asked import asked_of
from plait.live import Live
from plait.moment import Moment
from plait.records import Searched
from plait.workspace import Workspace


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts that are encoded from now on, each as a vector of its length."""
    texts: list[str] = []

    def encode(moment: Moment, some: Sequence[str]) -> Vectors:
        texts.extend(some)
        return np.asarray([[len(text)] * moment.fusion.dimension for text in some], dtype=np.float32)

    monkeypatch.setattr(flow, "vectors_of_texts", encode)
    return texts


def lengths(moment: Moment, texts: Sequence[str]) -> list[float]:
    said = asked_of(moment, [[Searched(text, 0.0) for text in texts]], np.zeros(1))
    assert said is not None
    return [float(row[0]) for row in said.vectors[0]]


def test_a_search_is_encoded_once_whatever_is_learnt(own_once: Path, encoded: list[str]) -> None:
    live = Live(Workspace.open(own_once))
    moment = live.refresh()
    assert lengths(moment, ["one", "three"]) == [3, 5]
    for steps in range(3):
        learnt = replace(moment, name=f"{moment.name}, online {steps}")
        assert lengths(learnt, ["one", "three", "seven"]) == [3, 5, 5]
    assert encoded == ["one", "three", "seven"]


def test_of_one_index_alone_searches_are_remembered(own_once: Path, encoded: list[str]) -> None:
    live = Live(Workspace.open(own_once))
    moment = live.refresh()
    for number in (1, 2, 3):
        lengths(replace(moment, number=number), ["one"])
    assert encoded == ["one"] * 3
    assert live.queries[0] == 3
    assert list(live.queries[1]) == ["one"]


def test_more_than_is_remembered_begins_anew(
    own_once: Path, encoded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "MOST_REMEMBERED", 2)
    live = Live(Workspace.open(own_once))
    moment = live.refresh()
    assert lengths(moment, ["one", "three"]) == [3, 5]
    assert lengths(moment, ["three", "four"]) == [5, 4]
    assert encoded == ["one", "three", "four"]
    assert list(live.queries[1]) == ["four"]
