"""The weight of words: chosen where they help, not where they hurt, and by the texts alone."""

from pathlib import Path

import numpy as np
import pytest

from index.lexical import build_lexical
from plait import snapshot
from plait.flows import fit_lexical as module
from plait.flows.fit_lexical import Probe, _chosen, _halves, fit_lexical
from plait.lexical_files import default_weight, document_of
from plait.live import Live
from plait.raw_vectors import raw_vectors
from plait.workspace import Workspace


def probe(by_vectors: list[list[float]], evidence: list[list[float]]) -> Probe:
    """Return a probe in which query i looks for row i."""
    own = np.arange(len(by_vectors))
    return Probe(np.asarray(by_vectors), np.asarray(evidence, dtype=np.float32), own)


def test_gain_by_hand() -> None:
    asked = probe([[1.0, 2.0, 3.0], [0.0, 5.0, 1.0]], [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    assert asked.gain(0.0) == pytest.approx((1 / 3 + 1) / 2)
    # A tie counts against it.
    assert asked.gain(1.0) == pytest.approx((1 / 3 + 1) / 2)
    assert asked.gain(1.5) == pytest.approx((1 / 2 + 1) / 2)
    assert asked.gain(2.5) == pytest.approx(1.0)


def test_beyond_ten_is_nothing() -> None:
    scores = [[0.0, *([1.0] * 10)]]
    assert probe(scores, [[0.0] * 11]).gain(1.0) == 0.0
    assert probe([row[:-1] for row in scores], [[0.0] * 10]).gain(1.0) == pytest.approx(0.1)


def test_words_that_find_get_weight_and_words_that_mislead_get_little() -> None:
    helps = probe([[0.0, 1.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]])
    misleads = probe([[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]])  # at weight 1 * .5 not yet above it
    chosen = _chosen({"title": helps})
    assert chosen["weight"] == pytest.approx(12 * 0.5)
    assert chosen["gain"] == 1.0
    assert [chosen["title.gain_without"], chosen["title.gain_with"]] == [0.5, 1.0]
    assert _chosen({"hidden": misleads})["weight"] == pytest.approx(1 * 0.5)


@pytest.mark.parametrize(("words", "expected"), [(12, (6, 6)), (13, (6, 7)), (11, (11, 0)), (0, (0, 0))])
def test_halves(words: int, expected: tuple[int, int]) -> None:
    first, rest = _halves(" ".join(f"w{number}" for number in range(words)))
    assert (len(first.split()), len(rest.split())) == expected


def fitted(workspace: Workspace, order: list[int]) -> dict[str, float]:
    """Fit the toy catalogue with its rows in an order."""
    moment = Live(workspace).refresh()
    ids = moment.index.item_ids(np.asarray(order))
    stored = [workspace.store.items_by_id(ids)[item_id] for item_id in ids]
    lexical = build_lexical([document_of(item.item) for item in stored])
    return fit_lexical(workspace, ids, raw_vectors(workspace, stored), moment.fusion, lexical)


def test_a_build_chooses_a_weight_and_says_so(built_once: Path) -> None:
    found = snapshot.current(built_once / "index")
    assert found is not None
    chosen = found.details["lexical"]
    assert chosen["weight"] > 0
    kinds = [value for name, value in chosen.items() if name.endswith(".gain_with")]
    assert chosen["gain"] == pytest.approx(np.mean(kinds))
    assert Live(Workspace.open(built_once)).refresh().lexical_weight == chosen["weight"]


def test_the_order_of_items_makes_no_difference(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SAMPLE", 8)
    monkeypatch.setattr(module, "OTHERS", 12)
    workspace = Workspace.open(built)
    order = np.random.default_rng(3).permutation(24).tolist()
    assert fitted(workspace, order) == pytest.approx(fitted(workspace, list(range(24))), abs=1e-5)


def test_own_vectors_and_small_catalogues_take_the_default(own_once: Path, built: Path) -> None:
    own = Workspace.open(own_once)
    assert fitted(own, list(range(24))) == {"weight": default_weight(Live(own).refresh().fusion)}
    few = Workspace.open(built)
    assert fitted(few, list(range(19))) == {"weight": default_weight(Live(few).refresh().fusion)}


def test_nothing_to_ask_takes_the_default(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_probes", lambda *_: {})
    workspace = Workspace.open(built)
    assert fitted(workspace, list(range(24))) == {"weight": default_weight(Live(workspace).refresh().fusion)}
