"""The registry: every model is made under its name, and what it does not need is not imported."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from index import IdMap
from plait.evaluation.disguise import Disguise
from plait.evaluation.peers.materials import Materials
from plait.evaluation.peers.registry import REGISTRY, make_peer
from plait.flows.train import TrainingItems
from plait.records import Relation
from plait.user_features import KnownUsers
from ranker.item_features import ItemFeatures

LIGHT = ["popularity", "item-knn"]
CHECK = """
import sys
from plait.evaluation.peers.registry import REGISTRY, make_peer
from plait.evaluation.peers.materials import Materials
from index import IdMap
from plait.flows.train import TrainingItems
from ranker.item_features import ItemFeatures
import numpy as np
empty = np.zeros((0, 2), np.float32)
materials = Materials(TrainingItems(IdMap([]), empty, ItemFeatures({}, empty)), [], [])
make_peer(sys.argv[1], materials)
print(*[name for name in ("torch", "timm", "faiss", "implicit", "sentence_transformers") if name in sys.modules])
"""


def materials() -> Materials:
    """Return three items."""
    vectors = np.eye(3, dtype=np.float32)
    items = TrainingItems(IdMap(["a", "b", "c"]), vectors, ItemFeatures({"text": vectors}, vectors[:, :1]))
    return Materials(items, ["apple", "bread", ""], [("fruit",), (), ("a", "b")])


@pytest.mark.parametrize("name", REGISTRY)
def test_a_model_has_the_name_it_is_asked_for_by(name: str) -> None:
    assert make_peer(name, materials()).name == name


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="model 'easy' is not known; expected some of plait, popularity, "):
        make_peer("easy", materials())


@pytest.mark.parametrize("name", LIGHT)
def test_a_light_model_imports_nothing_heavy(name: str) -> None:
    done = subprocess.run([sys.executable, "-c", CHECK, name], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_materials_are_taken_and_disguised_together() -> None:
    taken = materials().take(np.asarray([2, 0]), IdMap(["c", "a"]))
    assert (list(taken.items.item_ids), taken.texts) == (["c", "a"], ["", "apple"])
    np.testing.assert_array_equal(taken.items.vectors, np.eye(3, dtype=np.float32)[[2, 0]])
    disguise = Disguise("both", shuffles=True, renames=True)
    hidden, order = materials().disguised(disguise), disguise.order(3).tolist()
    assert hidden.texts == [["apple", "bread", ""][row] for row in order]
    np.testing.assert_array_equal(hidden.items.features.attributes[:, 0], [[1.0, 0.0, 0.0][row] for row in order])
    assert list(hidden.items.item_ids) == disguise.ids(["a", "b", "c"])


def test_users_of_materials_keep_what_is_known_of_them_in_disguise() -> None:
    attributes = {name: {"age": float(age)} for age, name in enumerate(("ann", "bob", "cyd"))}
    plain = replace(materials(), users=KnownUsers(attributes, [Relation("ann", "dan", 2.0)]))
    assert plain.take(np.asarray([1]), IdMap(["b"])).users == plain.users
    disguise = Disguise("both", shuffles=True, renames=True)
    hidden = plain.disguised(disguise).users
    for user_id in ("ann", "bob", "cyd"):
        (renamed,) = disguise.ids([user_id])
        assert hidden.attributes[renamed] == attributes[user_id]
    assert hidden.relations == [Relation(disguise.ids(["ann"])[0], disguise.ids(["dan"])[0], 2.0)]
