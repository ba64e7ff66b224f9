"""The bridge of class names: what is encoded, and what a picture becomes."""

from collections.abc import Sequence

import numpy as np

from embedders.bridge import TEMPERATURE, make_bridge
from embedders.class_head import ClassHead
from embedders.encoder import Vectors
from embedders.items import Strand

WORDS = {"tench": [1.0, 0.0, 0.0], "a fish": [0.0, 1.0, 0.0], "oboe": [0.0, 0.0, 1.0], "a reed": [0.0, 0.6, 0.8]}


class Dictionary:
    """A text encoder that knows four words."""

    strand = Strand.TEXT
    dimension = 3
    fingerprint = "dictionary"

    def encode(self, contents: Sequence[str]) -> Vectors:
        """Look the words up."""
        return np.asarray([WORDS[content] for content in contents], dtype=np.float32)


HEAD = ClassHead(
    ("tench", "oboe"), ("a fish", "a reed"), np.asarray([[2.0, 0.0], [0.0, 1.0]], np.float32),
    np.asarray([0.0, 0.5], np.float32), 3.0,
)  # fmt: skip


def test_a_class_lies_between_its_name_and_what_it_is() -> None:
    names = make_bridge(HEAD, Dictionary()).names
    np.testing.assert_allclose(names[0], [np.sqrt(0.5), np.sqrt(0.5), 0.0], atol=1e-6)
    np.testing.assert_allclose(names[1], np.array([0.0, 0.6, 1.8]) / np.sqrt(3.6), atol=1e-6)


def test_a_picture_is_the_mean_of_the_classes_by_tempered_odds() -> None:
    bridge = make_bridge(HEAD, Dictionary())
    picture = np.asarray([[0.6, 0.8], [0.0, 0.0]], dtype=np.float32)
    logits = np.array([2.0 * 3.0 * 0.6, 3.0 * 0.8 + 0.5]) / TEMPERATURE
    odds = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(bridge(picture)[0], odds @ bridge.names, atol=1e-6)
    assert not bridge(picture)[1].any(), "an item without a picture gets none"
