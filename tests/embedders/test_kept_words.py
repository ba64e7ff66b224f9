"""Words that are kept: read once, the same to the last bit, apart from the rows of items."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from embedders.encoder import Vectors
from embedders.items import Strand
from embedders.kept_words import KeptWords
from embedders.vector_cache import VectorCache, content_hash


class Counting:
    """An encoder whose rows depend on the batch, as rounding does."""

    strand = Strand.TEXT
    dimension = 3
    fingerprint = "counting"

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def encode(self, contents: Sequence[str]) -> Vectors:
        self.asked.append(list(contents))
        return (
            np.full((len(contents), 3), len(contents), np.float32) + np.arange(len(contents), dtype=np.float32)[:, None]
        )


def test_a_list_is_read_once_and_another_whole(tmp_path: Path) -> None:
    encoder = Counting()
    kept = KeptWords(encoder, VectorCache(tmp_path))
    first = kept.encode(["tea", "cup", "tea"])
    np.testing.assert_array_equal(first[1:], Counting().encode(["tea", "cup", "tea"])[1:])
    again = KeptWords(encoder, VectorCache(tmp_path)).encode(["tea", "cup"])
    assert encoder.asked == [["tea", "cup", "tea"]]
    np.testing.assert_array_equal(again, first[[2, 1]])
    kept.encode(["tea", "scarf"])
    assert encoder.asked[1:] == [["tea", "scarf"]]
    assert kept.encode([]).shape == (0, 3)


def test_rows_of_items_stay_apart(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    digest = content_hash(Strand.TEXT, "tea")
    cache.put("counting", {digest: np.zeros(3, np.float32)})
    kept = KeptWords(Counting(), cache)
    assert kept.fingerprint != "counting"
    kept.encode(["tea"])
    assert not cache.get("counting", [digest])[digest].any()
