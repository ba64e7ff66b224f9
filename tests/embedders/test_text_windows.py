"""Windows: short texts as they are, long ones whole."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedders import text_windows
from embedders.bundles import MINILM, make_encoder
from embedders.encoder import QueryEncoder, Vectors
from embedders.items import Strand
from embedders.own_encoder import EncoderChoice, own_spec
from embedders.text_windows import LONG, MOST_WINDOWS, TITLE, WINDOW, Bounded, WindowedEncoder, windowed, windows
from embedders.vector_cache import content_hash
from tests.embedders.tiny_models import tiny_bert

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


class Tokens(Letters):
    """Reads twelve tokens of a text, one a byte, with a mark before and after it."""

    fingerprint = "text:other:1"
    bound = 12

    def encode(self, contents: Sequence[str]) -> Vectors:
        return super().encode([content.encode()[: self.bound - 2].decode(errors="ignore") for content in contents])

    def most_tokens(self) -> int:
        return self.bound

    def tokens(self, contents: Sequence[str]) -> list[int]:
        return [2 + len(content.encode()) for content in contents]


class Asking(Tokens):
    """Reads queries the other way round."""

    def encode_queries(self, contents: Sequence[str]) -> Vectors:
        return self.encode(contents)[:, ::-1]


def test_any_model_is_read_in_windows_by_its_own_bound() -> None:
    encoder = windowed(Tokens())
    assert isinstance(encoder, WindowedEncoder)
    assert encoder.fingerprint == "text:other:1:windows", "long texts have other vectors than they had"
    short, long = "a" * 10, "a" * 9 + " b b b b b b b b b"
    found = encoder.encode([short, long])
    np.testing.assert_array_equal(found[0], Tokens().encode([short])[0])
    cut = Tokens().encode([long])[0]
    assert found[1, 1] > 2 * cut[1], "the end counts too"


@pytest.mark.parametrize("letter", ["a", "\u6f22"])
def test_no_window_of_even_density_is_cut(letter: str) -> None:
    """Where a character is one token and where it is three."""
    inner = Tokens()
    windowed(inner).encode([f"{letter}{letter} " * 30])
    assert len(inner.seen) > 5
    assert all(len(seen.encode()) <= inner.bound - 2 for seen in inner.seen)
    assert sum(seen.count(letter) for seen in inner.seen) == 60


def test_a_model_without_a_bound_reads_all() -> None:
    inner = Tokens()
    inner.bound = 0
    texts = ["a" * 5000, "b"]
    pieces = text_windows._windows_by_tokens(inner, texts)
    assert pieces == [[text] for text in texts]


def test_an_encoder_that_does_not_say_how_much_it_reads_is_left_as_it_is() -> None:
    plain = Letters()
    assert windowed(plain) is plain


def test_the_cache_tells_long_texts_from_those_that_were_cut() -> None:
    import hashlib

    short, long = "a" * LONG, "a" * (LONG + 1)
    assert content_hash(Strand.TEXT, short) == hashlib.sha256(short.encode()).hexdigest()
    assert content_hash(Strand.TEXT, long) != hashlib.sha256(long.encode()).hexdigest()


def test_queries_that_are_read_otherwise_are_read_in_windows_too() -> None:
    encoder = windowed(Asking())
    assert isinstance(encoder, QueryEncoder)
    texts = ["ab", "a" * 9 + " b b b b b b b b b"]
    np.testing.assert_allclose(encoder.encode_queries(texts), encoder.encode(texts)[:, ::-1], atol=1e-6)


def test_the_bundled_model_keeps_its_vectors() -> None:
    encoder = windowed(make_encoder(MINILM))
    assert isinstance(encoder, WindowedEncoder)
    assert encoder.fingerprint == MINILM.fingerprint
    assert encoder._pieces([LONG_TEXT, "tea"]) == [windows(LONG_TEXT), ["tea"]]


def test_a_model_of_ones_own_says_its_bound_and_its_tokens(tmp_path: Path) -> None:
    folder = str(tiny_bert(tmp_path))
    encoders = [
        make_encoder(own_spec(Strand.TEXT, EncoderChoice(folder, query_prompt=prompt)))
        for prompt in ("", "red tea ", 9 * "red tea ")
    ]
    # A prompt takes its own tokens and the marks around it, but no more than half of what is read.
    assert [encoder.most_tokens() for encoder in encoders if isinstance(encoder, Bounded)] == [12, 8, 6]
    bare = encoders[0]
    assert isinstance(bare, Bounded)
    assert bare.tokens(["tea", "red tea " * 20]) == [3, 42]
    found = windowed(bare).encode(["tea " * 40 + "scarf " * 40, "tea " * 80])
    assert found[0] @ found[1] < 0.9999
    cut = bare.encode(["tea " * 40 + "scarf " * 40, "tea " * 80])
    np.testing.assert_allclose(cut[0], cut[1], atol=1e-6)
