"""Folds: who is hidden, by groups and by salts."""

from dataclasses import replace

import numpy as np
import pytest

from embedders.items import Strand
from plait.errors import BadData
from plait.evaluation.disguise import Disguise
from plait.evaluation.folds import Catalogue, folds
from tests.plait.evaluation.catalogues import turned

PAIR = (Strand.TEXT, Strand.IMAGE)


def _hidden_ids(catalogue: Catalogue, seeds: int = 3) -> dict[str, set[str]]:
    return {name: {catalogue.item_ids[row] for row in rows} for name, rows in folds(catalogue, PAIR, range(seeds))}


def test_a_share_of_those_with_both_strands_is_hidden() -> None:
    found = list(folds(turned(), PAIR, range(4)))
    assert [name for name, _ in found] == ["salt 0", "salt 1", "salt 2", "salt 3"]
    for _, rows in found:
        assert len(rows) == round(0.3 * 54)
        assert (np.diff(rows) > 0).all()
        assert rows.max() < 54
    assert len({tuple(rows.tolist()) for _, rows in found}) == 4


def test_the_order_of_the_catalogue_does_not_matter() -> None:
    disguise = Disguise("shuffled", shuffles=True)
    assert _hidden_ids(disguise.catalogue(turned())) == _hidden_ids(turned())


def test_groups_are_folds_in_the_order_of_their_names() -> None:
    groups = ["", *["b", "a"] * 30][:60]
    found = dict(folds(turned(groups=groups), PAIR, range(5)))
    assert list(found) == ["a", "b"]
    assert found["a"].tolist() == [row for row in range(54) if groups[row] == "a"]
    assert not set(found["a"].tolist()) & set(found["b"].tolist())


def test_one_item_is_enough() -> None:
    alone = {strand: np.where(np.arange(60)[:, None] == 7, rows, 0.0) for strand, rows in turned().vectors.items()}
    catalogue = replace(turned(), vectors={strand: rows.astype(np.float32) for strand, rows in alone.items()})
    assert [rows.tolist() for _, rows in folds(catalogue, PAIR, range(2))] == [[7], [7]]


def test_a_strand_that_nobody_has_is_named() -> None:
    catalogue = replace(turned(), vectors={Strand.TEXT: turned().vectors[Strand.TEXT]})
    with pytest.raises(BadData, match="no item has the strand image; cross-modal text:image needs"):
        list(folds(catalogue, PAIR, range(1)))


def test_strands_that_never_meet_are_bad_data() -> None:
    vectors = {strand: rows.copy() for strand, rows in turned().vectors.items()}
    vectors[Strand.TEXT][:54] = 0.0
    with pytest.raises(BadData, match="no item has both text and image"):
        list(folds(replace(turned(), vectors=vectors), PAIR, range(1)))


def test_groups_without_a_name_are_bad_data() -> None:
    with pytest.raises(BadData, match="has a group to hide"):
        list(folds(turned(groups=[""] * 60), PAIR, range(1)))
