"""The bench of missing strands on a catalogue that is known: captions and pictures of one direction an item."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from embedders.encoder import Vectors
from embedders.items import Strand
from embedders.spaces import unit
from plait.evaluation.folds import Catalogue
from scripts.bench_missing import Question, judged, without

PAIR = (Strand.TEXT, Strand.IMAGE)
COUNT = 60


def planted(*, pictures_tell: bool) -> Catalogue:
    rng = np.random.default_rng(4)
    texts = rng.normal(size=(COUNT, 12)).astype(np.float32)
    turn = np.linalg.qr(rng.normal(size=(12, 12)))[0].astype(np.float32)
    pictures = texts @ turn if pictures_tell else rng.normal(size=(COUNT, 12)).astype(np.float32)
    ids = [f"item-{place}" for place in range(COUNT)]
    return Catalogue(ids, {Strand.TEXT: unit(texts), Strand.IMAGE: unit(pictures)}, [()] * COUNT)


def found(catalogue: Catalogue) -> Mapping[str, Mapping[str, float]]:
    texts: Vectors = catalogue.vectors[Strand.TEXT]
    return judged(Question("its own words", Strand.TEXT, texts, texts), catalogue, PAIR, {}, 2)


def test_words_find_what_has_them_and_pictures_that_tell_the_same() -> None:
    told = found(planted(pictures_tell=True))
    assert told["complete"]["mean"] == told["text alone"]["mean"] == 1.0
    assert told["text less complete"] == pytest.approx({"mean": 0.0, "low": 0.0, "high": 0.0})
    assert told["image alone"]["mean"] > 0.9


def test_pictures_that_tell_nothing_are_at_chance() -> None:
    told = found(planted(pictures_tell=False))
    assert told["text alone"]["mean"] == 1.0
    assert told["complete"]["mean"] > 0.8
    assert told["image alone"]["mean"] < 0.5
    assert told["image less complete"]["high"] < -0.3
    paired = told["image alone"]["mean"] - told["complete"]["mean"]
    assert told["image less complete"]["mean"] == pytest.approx(paired)


def test_what_is_taken_away_is_taken_from_a_copy() -> None:
    catalogue = planted(pictures_tell=True)
    left = without(catalogue.vectors, [Strand.TEXT], np.asarray([1]))
    assert not left[Strand.TEXT][1].any()
    assert left[Strand.TEXT][0].any()
    assert left[Strand.IMAGE].all()
    assert replace(catalogue).vectors[Strand.TEXT][1].any()
