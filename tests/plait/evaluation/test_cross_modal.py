"""The protocol cross-modal: known answers, a slow reference, and what must not be reachable."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedders.encoder import Vectors
from embedders.fit_fusion import fit_fusion
from embedders.fusion import Fusion
from embedders.items import Strand
from plait.evaluation import cross_modal
from plait.evaluation.cross_modal import Catalogue, Hiding, judge_cross_modal
from plait.evaluation.disguise import Disguise
from plait.evaluation.folds import folds
from plait.evaluation.results import Results
from plait.evaluation.salted import salted
from tests.plait.evaluation.catalogues import turned

TEXT_IMAGE = (Strand.TEXT, Strand.IMAGE)


def _judge(catalogue: Catalogue, pair: tuple[Strand, Strand] = TEXT_IMAGE, **settings: Any) -> Results:
    hiding = Hiding(settings.pop("seeds", 2), (3,), seed=settings.pop("seed", 0))
    return judge_cross_modal(catalogue, pair, hiding, bridges={}, **settings)


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
    (_, hidden), *_ = folds(catalogue, pair, range(1))
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
    (_, hidden), *_ = folds(catalogue, TEXT_IMAGE, range(1))
    assert not given[0][Strand.TEXT][hidden].any()
    assert not given[0][Strand.AUDIO][hidden].any()
    np.testing.assert_array_equal(given[0][Strand.IMAGE], catalogue.vectors[Strand.IMAGE])
    assert catalogue.vectors[Strand.TEXT].any(axis=1).all(), "the caller's arrays stay as they were"


def test_the_categories_of_hidden_items_are_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []

    def spy(vectors: Mapping[Strand, Vectors], **settings: Any) -> Fusion:
        given.append(settings["categories"])
        return fit_fusion(vectors, **settings)

    monkeypatch.setattr(cross_modal, "fit_fusion", spy)
    catalogue = turned()
    found = _judge(catalogue, seeds=1).models["plait"]
    (_, hidden), *_ = folds(catalogue, TEXT_IMAGE, range(1))
    assert [row for row, names in enumerate(given[0]) if not names] == hidden.tolist()
    away = set(hidden.tolist())
    assert all(given[0][row] == catalogue.categories[row] for row in range(60) if row not in away)
    # With other categories of the hidden items all is found as before, and only judged otherwise.
    wrong = [("elsewhere",) if row in away else names for row, names in enumerate(catalogue.categories)]
    other = _judge(replace(catalogue, categories=wrong), seeds=1).models["plait"]
    for name in ("recall@3", "mrr", "whole/recall@3", "whole/mrr"):
        assert other[name] == found[name]
    assert other["precision@3"]["mean"] == 1.0


def test_an_item_hidden_twice_is_one_query() -> None:
    catalogue = turned()
    hidden = [set(rows.tolist()) for _, rows in folds(catalogue, TEXT_IMAGE, range(6))]
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


def test_another_seed_hides_others() -> None:
    told: list[str] = []
    first, second = (_judge(turned(), seed=seed, progress=told.append) for seed in (0, 2))
    assert [line.split(":")[0] for line in told] == ["salt 0", "salt 1", "salt 2", "salt 3"]
    assert first.models != second.models
    assert first.details["plait"]["seeds"] == 2
    assert first.details["plait"]["peak_mb"] > 0


def test_a_run_that_was_broken_off_goes_on_with_the_same_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted: list[int] = []

    def fit(vectors: Mapping[Strand, Vectors], **settings: Any) -> Fusion:
        if len(fitted) == 2:
            raise KeyboardInterrupt
        fitted.append(1)
        return fit_fusion(vectors, **settings)

    whole = _judge(turned(), seeds=3)
    monkeypatch.setattr(cross_modal, "fit_fusion", fit)
    with pytest.raises(KeyboardInterrupt):
        _judge(turned(), seeds=3, keep=tmp_path)
    fitted.clear()
    again = _judge(turned(), seeds=3, keep=tmp_path)
    assert len(fitted) == 1
    assert again.models == whole.models
    fitted.clear()
    third = _judge(turned(), seeds=3, keep=tmp_path)
    assert not fitted
    assert third == again


def test_only_the_same_fold_is_read(tmp_path: Path) -> None:
    def files() -> int:
        return len(list(tmp_path.iterdir()))

    catalogue = turned()
    _judge(catalogue, seeds=1, keep=tmp_path)
    assert files() == 1
    _judge(replace(catalogue), seeds=1, keep=tmp_path)
    assert files() == 1
    _judge(catalogue, (Strand.TEXT, Strand.AUDIO), seeds=1, keep=tmp_path)
    _judge(replace(catalogue, categories=[()] * 60), seeds=1, keep=tmp_path)
    _judge(turned(noise=0.4), seeds=1, keep=tmp_path)
    _judge(catalogue, seeds=1, seed=1, keep=tmp_path)
    assert files() == 5
    judge_cross_modal(catalogue, TEXT_IMAGE, Hiding(1, (3,), ties=9), bridges={}, keep=tmp_path)
    assert files() == 6


def test_other_code_or_a_broken_file_is_observed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _judge(turned(), seeds=1, keep=tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-20])
    assert _judge(turned(), seeds=1, keep=tmp_path).models == whole.models
    assert _judge(turned(), seeds=1, keep=tmp_path).models == whole.models
    monkeypatch.setattr("plait.evaluation.fold_runs.source_hash", lambda *_: "other code")
    _judge(turned(), seeds=1, keep=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
