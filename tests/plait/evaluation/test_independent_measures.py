"""Measures of lists are what RecTools and LensKit found of the same random lists, to 1e-9.

What they found was written by `scripts.independent_measures`. RecTools' serendipity has another definition (the
chance to be shown at all); ours is held against the precision of ranx's definition in test_list_popularity, and the
divergence and the pairs behind both diversities also against SciPy and scikit-learn.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plait.evaluation.beyond_accuracy import beyond_accuracy
from plait.evaluation.exposure import Slates, catalogue_measures
from plait.evaluation.item_facts import item_facts
from plait.evaluation.salted import salted
from ranker.interactions import Interactions

FOUND: dict[str, Any] = json.loads(Path(__file__).with_name("independent_measures.json").read_text(encoding="utf-8"))
THEIRS, CUT, ITEMS = FOUND["measures"], FOUND["cut"], FOUND["items"]
SLATES = np.asarray(FOUND["slates"])
USERS = len(SLATES)


@pytest.fixture(scope="module")
def ours() -> dict[str, Any]:
    items = np.asarray([item for own in FOUND["met"] for item in own])
    users = np.repeat(np.arange(USERS), [len(own) for own in FOUND["met"]])
    train = Interactions(users, items, np.zeros(len(items)), np.ones(len(items), dtype=np.float32), USERS, ITEMS)
    met = np.zeros((USERS, ITEMS), dtype=np.bool_)
    met[users, items] = True
    facts = item_facts(
        train, salted(0, map(str, range(ITEMS))), vectors=np.asarray(FOUND["vectors"]),
        categories=[[str(name) for name in own] for own in FOUND["categories"]],
    )  # fmt: skip
    no_hits = np.zeros(SLATES.shape, dtype=np.bool_)
    return dict(beyond_accuracy(SLATES, no_hits, np.zeros(USERS, dtype=np.int64), met, facts, (CUT,)))


@pytest.mark.parametrize("name", ["novelty", "content_diversity", "category_diversity"])
def test_by_user(ours: dict[str, Any], name: str) -> None:
    np.testing.assert_allclose(ours[f"{name}@{CUT}"], THEIRS[name], rtol=0, atol=1e-9)


def test_the_lift_is_made_of_their_popularities(ours: dict[str, Any]) -> None:
    shown, history = np.asarray(THEIRS["list_popularity"]), np.asarray(THEIRS["history_popularity"])
    np.testing.assert_allclose(ours[f"popularity_lift@{CUT}"], (shown - history) / history, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", ["coverage", "gini"])
def test_of_the_catalogue(name: str) -> None:
    found = catalogue_measures([Slates(np.arange(USERS), SLATES, np.ones(ITEMS, dtype=np.bool_))], (CUT,))
    assert found[f"{name}@{CUT}"]["mean"] == pytest.approx(THEIRS[name], abs=1e-9)
