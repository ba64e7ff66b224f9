"""The registry: every model is made under its name, and what it does not need is not imported."""

import subprocess
import sys

import numpy as np
import pytest

from index import IdMap
from plait.evaluation.disguise import Disguise
from plait.evaluation.peers.materials import Materials
from plait.evaluation.peers.registry import REGISTRY, make_peer
from plait.flows.train import TrainingItems
from ranker.cold import ItemFeatures

LIGHT = ["popularity", "item-knn"]
CHECK = """
import sys
from plait.evaluation.peers.registry import REGISTRY, make_peer
from plait.evaluation.peers.materials import Materials
from index import IdMap
from plait.flows.train import TrainingItems
from ranker.cold import ItemFeatures
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
