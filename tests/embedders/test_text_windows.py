"""Windows: short texts as they are, long ones whole."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedders.bundles import MINILM, make_encoder
from embedders.encoder import QueryEncoder, Vectors
from embedders.items import Strand
from embedders.text_windows import LONG, MOST_WINDOWS, TITLE, WINDOW, WindowedEncoder, windowed, windows
from embedders.vector_cache import content_hash

WORDS = st.text("abc ÄÖ漢\n", min_size=1, max_size=30)
LONG_TEXT = "\n".join(["Red kettle", *(f"word{number}" for number in range(400))])


class Letters:
    """Counts two letters in what it reads, and keeps what it was given."""

    strand = Strand.TEXT
    dimension = 2
    fingerprint = "text:all-MiniLM-L6-v2:0:1"

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, contents: Sequence[str]) -> Vectors:
        self.seen += contents
        counts = np.asarray([[1 + text.count("a"), 1 + text.count("b")] for text in contents], dtype=np.float32)
        counts = counts.reshape(-1, 2)
        return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True))


def test_a_short_text_goes_through_as_it_is() -> None:
    letters = Letters()
    texts = ["a  b\n\nc", "b" * LONG, ""]
    found = WindowedEncoder(letters).encode(texts)
    assert letters.seen == texts
    np.testing.assert_array_equal(found, Letters().encode(texts))


def test_a_long_text_is_the_mean_of_its_windows_beside_short_ones() -> None:
    long = "title\n" + "a " * 600 + "b " * 600
    found = WindowedEncoder(Letters()).encode(["ab", long, "b", long])
    np.testing.assert_array_equal(found[[0, 2]], Letters().encode(["ab", "b"]))
    mean = Letters().encode(windows(long)).sum(axis=0)
    np.testing.assert_allclose(found[1], mean / np.linalg.norm(mean), atol=1e-6)
    np.testing.assert_array_equal(found[1], found[3])
    assert found.dtype == np.float32


def test_nothing_to_encode() -> None:
    assert WindowedEncoder(Letters()).encode([]).shape == (0, 2)


def test_each_window_but_the_first_follows_the_title() -> None:
    first, *others = windows(LONG_TEXT)
    assert first.startswith("Red kettle word0 ")
    assert others
    assert all(window.startswith("Red kettle\nword") for window in others)
    assert " ".join([first, *(window.removeprefix("Red kettle\n") for window in others)]).split() == LONG_TEXT.split()


@pytest.mark.parametrize("first", ["x" * (TITLE + 1) + "\n", ""])
def test_a_first_line_that_is_no_title_is_not_repeated(first: str) -> None:
    text = first + "word " * 400
    assert " ".join(windows(text)).split() == text.split()


@given(st.lists(WORDS, max_size=12), st.integers(1, 60))
def test_windows_are_short_and_lose_nothing(words: list[str], times: int) -> None:
    text = " ".join(words * times)
    found = windows(text)
    if len(text) <= LONG:
        assert found == [text]
        return
    assert all(len(window) <= WINDOW + TITLE + 1 for window in found)
    assert len("".join("".join(found).split())) >= len("".join(text.split()))


def test_a_book_is_read_to_a_bound_and_a_word_without_end_is_cut() -> None:
    assert len(windows("word " * 100_000)) == MOST_WINDOWS
    assert [len(window) for window in windows("x" * 2_000)] == [900, 900, 200]


def test_only_encoders_of_short_sight_are_wrapped() -> None:
    assert isinstance(windowed(Letters()), WindowedEncoder)
    far = Letters()
    far.fingerprint = "text:other:1"
    assert windowed(far) is far


def test_the_cache_tells_long_texts_from_those_that_were_cut() -> None:
    import hashlib

    short, long = "a" * LONG, "a" * (LONG + 1)
    assert content_hash(Strand.TEXT, short) == hashlib.sha256(short.encode()).hexdigest()
    assert content_hash(Strand.TEXT, long) != hashlib.sha256(long.encode()).hexdigest()


def test_an_encoder_that_reads_queries_otherwise_is_left_as_it_is() -> None:
    spec = replace(MINILM, query_prompt="query: ")
    encoder = make_encoder(spec)
    assert isinstance(encoder, QueryEncoder)
    assert windowed(encoder) is encoder
