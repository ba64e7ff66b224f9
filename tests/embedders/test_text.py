"""The text encoder: meaning, length, odd characters, own models, and nothing fetched."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embedders.bundles import MINILM, EncoderSpec, make_encoder
from embedders.encoder import Encoder
from embedders.items import Strand
from embedders.own_encoder import EncoderChoice, own_spec
from embedders.text import BATCH_TOKENS, MOST_TEXTS, TextEncoder, batches_of, token_counts
from tests.embedders.tiny_models import tiny_bert


@pytest.fixture(scope="module")
def minilm() -> Encoder:
    return make_encoder(MINILM)


@pytest.fixture(scope="module")
def own_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("own"))


def test_like_means_near(minilm: Encoder) -> None:
    texts = ["a warm red scarf", "a crimson woollen shawl", "stock market report", "shares fell on Monday"]
    likeness = minilm.encode(texts) @ minilm.encode(texts).T
    assert likeness[0, 1] > 0.5 > likeness[0, 2]
    assert likeness[2, 3] > likeness[2, 1]


def test_the_model_cards_own_figures(minilm: Encoder) -> None:
    """Cosines of all-MiniLM-L6-v2 as the sentence-transformers documentation prints them."""
    texts = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    likeness = minilm.encode(texts) @ minilm.encode(texts).T
    np.testing.assert_allclose(likeness[0], [1.0, 0.6660, 0.1046], atol=2e-3)
    np.testing.assert_allclose(likeness[1, 2], 0.1411, atol=2e-3)


def test_mixed_lengths_change_nothing(minilm: Encoder) -> None:
    words = np.random.default_rng(2).choice(["tea", "cup", "blue", "silent", "river"], size=400)
    texts = [" ".join(words[:length]) for length in (1, 200, 3, 90, 2, 399, 40)]
    alone = np.concatenate([minilm.encode([text]) for text in texts])
    np.testing.assert_allclose(minilm.encode(texts), alone, atol=1e-5)


def test_threads_share_an_encoder(own_model: Path) -> None:
    """A tokenizer keeps how it cuts and pads in itself; two threads would mix that up."""
    encoder = TextEncoder(own_spec(Strand.TEXT, EncoderChoice(str(own_model))))
    rng = np.random.default_rng(5)
    texts = [[" ".join(["tea"] * count) for count in rng.integers(1, 60, size=rng.integers(1, 5))] for _ in range(400)]
    alone = [encoder.encode(each) for each in texts]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(encoder.encode, texts))
    finally:
        sys.setswitchinterval(usual)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_is_beyond_the_bound_is_cut(minilm: Encoder) -> None:
    long = "river " * 600
    np.testing.assert_allclose(minilm.encode([long]), minilm.encode([long + "tea"]), atol=1e-6)


@pytest.mark.parametrize("text", ["", " ", "\n", "\0", "\ud800 half a pair", "🙂", "a" * 100_000, "‮", "<|endoftext|>"])
def test_any_text_is_a_unit_vector(minilm: Encoder, text: str) -> None:
    vectors = minilm.encode([text, "tea"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(vectors[1], minilm.encode(["tea"])[0], atol=1e-5)


def test_nothing_is_fetched_unasked() -> None:
    spec = EncoderSpec(Strand.TEXT, "sentence-transformers", "nobody/no-such-model", 8, "x", "", 1)
    assert not spec.local
    with pytest.raises(ValueError, match=r"nobody/no-such-model is not on this machine; --allow-download fetches it"):
        make_encoder(spec).encode(["tea"])


def test_no_connection_is_tried(own_model: Path) -> None:
    script = f"""
import socket
def refuse(*_, **__): raise SystemExit("a connection was tried")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from embedders.bundles import MINILM, make_encoder
from embedders.items import Strand
from embedders.own_encoder import EncoderChoice, own_spec
for spec in (MINILM, own_spec(Strand.TEXT, EncoderChoice({str(own_model)!r}))):
    print(make_encoder(spec).encode(["tea", "cup"]).shape)
for name in ("nobody/nothing", "nothing", "/nowhere/at/all"):
    try:
        make_encoder(type(MINILM)(MINILM.strand, MINILM.kind, name, 8, "x", "", 1)).encode(["tea"])
    except ValueError as error:
        print("refused")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["(2, 384)", "(2, 16)", "refused", "refused", "refused"]
    assert done.stderr == ""


def test_a_model_of_ones_own(own_model: Path) -> None:
    spec = own_spec(Strand.TEXT, EncoderChoice(str(own_model)))
    assert (spec.dimension, spec.local, spec.strand) == (16, True, Strand.TEXT)
    encoder = make_encoder(spec)
    vectors = encoder.encode(["red scarf", "cup of tea", "green"])
    assert vectors.shape == (3, 16)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(encoder.encode(["green"])[0], vectors[2], atol=1e-5)


def test_a_plain_transformers_folder(own_model: Path) -> None:
    spec = own_spec(Strand.TEXT, EncoderChoice(str(own_model.parent / "bare")))
    assert spec.dimension == 16
    assert make_encoder(spec).encode(["red scarf"]).shape == (1, 16)


def test_a_wrong_dimension_is_told(own_model: Path) -> None:
    with pytest.raises(ValueError, match=r"dimension is 5, but .* gives 16"):
        TextEncoder(replace(own_spec(Strand.TEXT, EncoderChoice(str(own_model))), dimension=5)).encode(["tea"])


@pytest.mark.parametrize("counts", [[], [5], [1024, 3, 3, 2000, 7], [2] * 300, list(range(1, 120))])
def test_batches_hold_every_text_once_within_their_tokens(counts: list[int]) -> None:
    batches = batches_of(counts)
    assert sorted(int(place) for batch in batches for place in batch) == list(range(len(counts)))
    longest = [max(counts[place] for place in batch) for batch in batches]
    assert longest == sorted(longest, reverse=True)
    for batch, most in zip(batches, longest, strict=True):
        assert len(batch) == 1 or (len(batch) * most <= BATCH_TOKENS and len(batch) <= MOST_TEXTS)


def test_tokens_are_counted_as_the_model_reads_them(minilm: Encoder) -> None:
    assert isinstance(minilm, TextEncoder)
    assert token_counts(minilm._loaded, ["tea", "tea tea", "river " * 600]) == [3, 4, 256]


def test_many_texts_are_sorted_a_part_at_a_time(own_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = make_encoder(own_spec(Strand.TEXT, EncoderChoice(str(own_model))))
    texts = [f"text {number} " * (1 + number % 7) for number in range(23)]
    whole = encoder.encode(texts)
    monkeypatch.setattr("embedders.text.SORTED", 5)
    np.testing.assert_allclose(encoder.encode(texts), whole, atol=1e-5)
    assert encoder.encode([]).shape == (0, encoder.dimension)
