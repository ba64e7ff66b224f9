"""The protocol cross-modal: known answers, a slow reference, and what must not be reachable."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from embedders.encoder import Vectors
from embedders.fit_fusion import fit_fusion
from embedders.fusion import Fusion
from embedders.items import Strand
from plait.evaluation import cross_modal
from plait.evaluation.cross_modal import Catalogue, judge_cross_modal
from plait.evaluation.disguise import Disguise
from plait.evaluation.folds import folds
from plait.evaluation.results import Results
from plait.evaluation.salted import salted
from tests.plait.evaluation.catalogues import turned

TEXT_IMAGE = (Strand.TEXT, Strand.IMAGE)


def _judge(catalogue: Catalogue, pair: tuple[Strand, Strand] = TEXT_IMAGE, **settings: Any) -> Results:
    chosen: dict[str, Any] = {"seeds": 2, "cuts": (3,), "bridges": {}, "progress": lambda _: None} | settings
    return judge_cross_modal(catalogue, pair, **chosen)


def test_turned_copies_are_found() -> None:
    results = _judge(turned(noise=0.01))
    plait = results.models["plait"]
    assert plait["recall@3"]["mean"] > 0.9
    assert plait["whole/recall@3"]["mean"] > 0.3
    assert (results.protocol, results.seeds) == ("cross-modal", 2)


def test_noise_is_at_chance() -> None:
    catalogue = turned()
    noise = np.random.default_rng(9).normal(size=(60, 16)).astype(np.float32)
    noise[-6:] = 0.0
    blind = replace(catalogue, vectors={**catalogue.vectors, Strand.IMAGE: noise})
    results = _judge(blind, seeds=8)
    assert results.models["plait"]["recall@3"]["mean"] == pytest.approx(3 / 16, abs=0.12)


@pytest.mark.parametrize("pair", [TEXT_IMAGE, (Strand.TEXT, Strand.AUDIO), (Strand.IMAGE, Strand.TEXT)])
def test_beside_a_reference_query_by_query(pair: tuple[Strand, Strand]) -> None:
    catalogue = turned()
    (_, hidden), *_ = folds(catalogue, pair, 1)
    left = {strand: rows.copy() for strand, rows in catalogue.vectors.items()}
    for strand in left:
        if strand is not pair[1]:
            left[strand][hidden] = 0.0
    fusion = fit_fusion(left, bridges={})
    fused = fusion.fuse(left)
    ties = salted(0, catalogue.item_ids)
    recalls, ranks, shares = [], [], []
    for own in hidden.tolist():
        query = fusion.query({pair[0]: catalogue.vectors[pair[0]][[own]]})
        scores = dict(zip(hidden.tolist(), query.rescore(fused[None, hidden]).scores[0].tolist(), strict=True))
        order = sorted(scores, key=lambda row: (-scores[row], ties[row]))
        recalls.append(own in order[:3])
        ranks.append(1 / (order.index(own) + 1))
        shares.append(np.mean([row % 6 == own % 6 for row in order[:3]]))
    found = _judge(catalogue, pair, seeds=1).models["plait"]
    assert found["recall@3"]["mean"] == pytest.approx(np.mean(recalls))
    assert found["mrr"]["mean"] == pytest.approx(np.mean(ranks))
    assert found["precision@3"]["mean"] == pytest.approx(np.mean(shares))


def test_a_hidden_item_keeps_the_wanted_strand_only(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Mapping[Strand, Vectors]] = []

    def spy(vectors: Mapping[Strand, Vectors], **settings: Any) -> Fusion:
        given.append(vectors)
        return fit_fusion(vectors, **settings)

    monkeypatch.setattr(cross_modal, "fit_fusion", spy)
    catalogue = turned()
    _judge(catalogue, seeds=1)
    (_, hidden), *_ = folds(catalogue, TEXT_IMAGE, 1)
    assert not given[0][Strand.TEXT][hidden].any()
    assert not given[0][Strand.AUDIO][hidden].any()
    np.testing.assert_array_equal(given[0][Strand.IMAGE], catalogue.vectors[Strand.IMAGE])
    assert catalogue.vectors[Strand.TEXT].any(axis=1).all(), "the caller's arrays stay as they were"


def test_an_item_hidden_twice_is_one_query() -> None:
    catalogue = turned()
    hidden = [set(rows.tolist()) for _, rows in folds(catalogue, TEXT_IMAGE, 6)]
    assert _judge(catalogue, seeds=6).users == len(set.union(*hidden)) < sum(map(len, hidden))


def test_groups_are_judged_fold_by_fold() -> None:
    told: list[str] = []
    groups = [f"fold{row % 5}" for row in range(60)]
    results = _judge(turned(groups=groups), progress=told.append)
    assert [line.split(":")[0] for line in told] == [f"fold{number}" for number in range(5)]
    assert (results.seeds, results.users) == (5, 54)


def test_precision_counts_shared_categories() -> None:
    plain = turned(noise=0.01)
    shared = _judge(plain).models["plait"]["precision@3"]["mean"]
    everything = _judge(replace(plain, categories=[("all",)] * 60)).models["plait"]
    assert everything["precision@3"]["mean"] == 1.0
    assert everything["whole/precision@3"]["mean"] == 1.0
    without = _judge(replace(plain, categories=[()] * 60)).models["plait"]
    assert without["precision@3"]["mean"] == pytest.approx(without["recall@3"]["mean"] / 3)
    assert without["precision@3"]["mean"] < shared < 1.0


def test_a_query_without_category_is_not_judged_by_categories() -> None:
    plain = turned(noise=0.01)
    some = [("all",) if row % 2 else () for row in range(60)]
    found = _judge(replace(plain, categories=some)).models["plait"]
    assert found["precision@3"]["mean"] > 0.3
    assert found["recall@3"] == _judge(plain).models["plait"]["recall@3"]


def test_rows_do_not_matter() -> None:
    plain = _judge(turned()).models["plait"]
    shuffled = _judge(Disguise("shuffled", shuffles=True).catalogue(turned())).models["plait"]
    for metric, found in plain.items():
        assert shuffled[metric]["mean"] == pytest.approx(found["mean"], abs=0.02), metric


def test_queries_in_pieces_are_scored_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _judge(turned()).models
    monkeypatch.setattr(cross_modal, "QUERIES_AT_ONCE", 5)
    assert _judge(turned()).models == whole
