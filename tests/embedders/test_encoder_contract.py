"""What `embedders.encoder.Encoder` promises, held against every implementation."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from embedders.bundles import make_encoder
from embedders.items import Strand
from embedders.media import MediaError
from tests.embedders.conftest import Subject


def test_says_what_its_spec_says(subject: Subject) -> None:
    assert subject.encoder.strand is subject.spec.strand
    assert subject.encoder.dimension == subject.spec.dimension
    assert subject.encoder.fingerprint == subject.spec.fingerprint


def test_gives_one_unit_row_a_content(subject: Subject) -> None:
    vectors = subject.encoder.encode(subject.contents)
    assert vectors.shape == (len(subject.contents), subject.spec.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_different_contents_differ(subject: Subject) -> None:
    vectors = subject.encoder.encode(subject.contents)
    likeness = vectors @ vectors.T - np.eye(len(vectors))
    assert likeness.max() < 0.9999


def test_no_content_gives_no_row(subject: Subject) -> None:
    vectors = subject.encoder.encode([])
    assert vectors.shape == (0, subject.spec.dimension)
    assert vectors.dtype == np.float32


def test_order_and_batch_change_nothing(subject: Subject) -> None:
    whole = subject.encoder.encode(subject.contents)
    back = subject.encoder.encode(subject.contents[::-1])[::-1]
    alone = np.concatenate([subject.encoder.encode([content]) for content in subject.contents])
    np.testing.assert_allclose(back, whole, atol=1e-5)
    np.testing.assert_allclose(alone, whole, atol=1e-5)


def test_more_contents_than_a_batch_with_repeats(subject: Subject) -> None:
    picks = np.random.default_rng(0).integers(len(subject.contents), size=37)
    vectors = subject.encoder.encode([subject.contents[pick] for pick in picks])
    np.testing.assert_allclose(vectors, subject.encoder.encode(subject.contents)[picks], atol=1e-5)


def test_a_tuple_is_as_good_as_a_list(subject: Subject) -> None:
    np.testing.assert_array_equal(
        subject.encoder.encode(tuple(subject.contents[:2])), subject.encoder.encode(subject.contents[:2])
    )


def test_a_second_object_gives_the_same_vectors(subject: Subject) -> None:
    make_encoder.cache_clear()
    second = make_encoder(subject.spec)
    assert second is not subject.encoder
    assert second.fingerprint == subject.encoder.fingerprint
    np.testing.assert_allclose(
        second.encode(subject.contents[:2]), subject.encoder.encode(subject.contents[:2]), atol=1e-6
    )


@pytest.mark.parametrize("place", [0, 3, 6])
def test_the_medium_that_cannot_be_read_is_named(subject: Subject, place: int) -> None:
    contents = [*subject.contents[:place], "/nowhere/absent.bin", *subject.contents[place:], "/nowhere/second.bin"]
    if subject.spec.strand is Strand.TEXT:  # a text cannot be broken: these are two more
        assert len(subject.encoder.encode(contents)) == len(contents)
        return
    with pytest.raises(MediaError, match=r"absent\.bin is absent") as caught:
        subject.encoder.encode(contents)
    assert caught.value.path == "/nowhere/absent.bin"


def test_making_an_encoder_loads_nothing(subject: Subject) -> None:
    values = {**dataclasses.asdict(subject.spec), "strand": subject.spec.strand.value}
    script = f"""
import sys
from embedders.bundles import EncoderSpec, make_encoder
from embedders.items import Strand
values = {values!r}
spec = EncoderSpec(**values | dict(strand=Strand(values["strand"])))
encoder = make_encoder(spec)
print(encoder.dimension, encoder.fingerprint, encoder.strand.value)
heavy = {{"torch", "transformers", "timm", "open_clip", "sentence_transformers", "PIL", "scipy", "soundfile", "soxr"}}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0].startswith(f"{subject.spec.dimension} {subject.spec.fingerprint}")
    assert done.stdout.splitlines()[1] == "[]"
