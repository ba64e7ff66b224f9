"""Encoding through the cache: order, repeats, refusals, kills, and how often the encoder is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedders.bundles import LITE0_PICTURES, make_encoder
from embedders.encoder import Vectors
from embedders.encoding import BATCH, encode_cached
from embedders.items import Strand, media_paths, several_media
from embedders.media import MediaError
from embedders.spaces import unit
from embedders.vector_cache import VectorCache, content_hash


@dataclass
class Counting:
    """An encoder whose vector is known by hand: length and first letter; it keeps what it was asked."""

    strand: Strand = Strand.TEXT
    dimension: int = 3
    fingerprint: str = "counting:1"
    asked: list[list[str]] = field(default_factory=list)
    killed_after: int | None = None

    def encode(self, contents: Sequence[str]) -> Vectors:
        if self.killed_after is not None and len(self.asked) >= self.killed_after:
            raise KeyboardInterrupt
        self.asked.append(list(contents))
        return np.stack([self.by_hand(content) for content in contents])

    def by_hand(self, content: str) -> Vectors:
        if self.strand is not Strand.TEXT:
            words = Path(content).read_text()
            if words.startswith("broken"):
                raise MediaError(content, "is a broken picture")
            return self._vector(words)
        return self._vector(content)

    def _vector(self, words: str) -> Vectors:
        return unit(np.asarray([1.0, len(words), ord(words[0])], dtype=np.float32))


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "cache")


def test_vectors_stand_in_the_order_given(cache: VectorCache) -> None:
    encoder = Counting()
    contents = ["long long long", "b", "", "ccc", "b", "a", ""]
    encoded = encode_cached(encoder, contents, cache)
    for row, content in zip(encoded.vectors, contents, strict=True):
        np.testing.assert_allclose(row, encoder.by_hand(content) if content else np.zeros(3), atol=1e-6)
    assert encoded.hashes == tuple(content_hash(Strand.TEXT, content) if content else "" for content in contents)
    assert encoded.encoded == 4
    assert (
        encoder.asked == [["a", "b", "ccc", "long long long"]] or sorted(encoder.asked[0], key=len) == encoder.asked[0]
    )


def test_nothing_at_all(cache: VectorCache) -> None:
    for contents in ([], ["", ""]):
        encoder = Counting()
        encoded = encode_cached(encoder, contents, cache)
        assert encoded.vectors.shape == (len(contents), 3)
        assert (encoded.hashes, encoded.encoded, encoder.asked) == (("",) * len(contents), 0, [])


def test_the_second_time_nothing_is_encoded(cache: VectorCache) -> None:
    first = encode_cached(Counting(), ["a", "bb", "a"], cache)
    encoder = Counting()
    second = encode_cached(encoder, ["bb", "a", "ccc", "a"], cache)
    assert (first.encoded, second.encoded) == (2, 1)
    assert encoder.asked == [["ccc"]]
    np.testing.assert_array_equal(second.vectors[[1, 0, 3]], first.vectors)


def test_another_encoder_encodes_anew(cache: VectorCache) -> None:
    encode_cached(Counting(), ["a"], cache)
    assert encode_cached(Counting(fingerprint="counting:2"), ["a"], cache).encoded == 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.text("abc", max_size=3), max_size=12), min_size=1, max_size=4))
def test_any_sequence_of_calls_encodes_each_content_once(
    tmp_path_factory: pytest.TempPathFactory, calls: list[list[str]]
) -> None:
    cache = VectorCache(tmp_path_factory.mktemp("calls"))
    encoder = Counting()
    count = 0
    for contents in calls:
        encoded = encode_cached(encoder, contents, cache)
        count += encoded.encoded
        expected = [encoder.by_hand(content) if content else np.zeros(3) for content in contents]
        np.testing.assert_allclose(encoded.vectors, np.asarray(expected, dtype=np.float32).reshape(-1, 3), atol=1e-6)
    asked = [content for batch in encoder.asked for content in batch]
    assert sorted(asked) == sorted({content for contents in calls for content in contents if content})
    assert count == len(asked)
    cache.close()


def test_batches_are_bounded_sorted_and_told(cache: VectorCache) -> None:
    encoder = Counting()
    contents = ["x" * (1 + (number * 7919) % 1000) + str(number) for number in range(2 * BATCH + 10)]
    told: list[int] = []
    encoded = encode_cached(encoder, contents, cache, progress=told.append)
    assert [len(batch) for batch in encoder.asked] == told == [BATCH, BATCH, 10]
    lengths = [len(content) for batch in encoder.asked for content in batch]
    assert lengths == sorted(lengths)
    assert encoded.encoded == len(contents)


def test_a_killed_run_goes_on_where_it_was(cache: VectorCache) -> None:
    contents = [f"content {number}" for number in range(3 * BATCH)]
    with pytest.raises(KeyboardInterrupt):
        encode_cached(Counting(killed_after=2), contents, cache)
    encoder = Counting()
    assert encode_cached(encoder, contents, cache).encoded == BATCH
    assert len(encoder.asked) == 1


def files(folder: Path, words: list[str]) -> list[str]:
    paths = []
    for number, content in enumerate(words):
        path = folder / f"file-{number}"
        path.write_text(content)
        paths.append(str(path))
    return paths


def test_refused_media_are_told_by_place(tmp_path: Path, cache: VectorCache) -> None:
    encoder = Counting(Strand.IMAGE)
    paths = files(tmp_path, ["good", "broken", "fine", "broken", "broken too", "good"])
    contents = [*paths, "", str(tmp_path / "absent"), str(tmp_path)]
    told: dict[int, MediaError] = {}
    encoded = encode_cached(encoder, contents, cache, on_media_error=told.__setitem__)
    assert set(told) == {1, 3, 4, 7, 8}
    assert [bool(digest) for digest in encoded.hashes] == [place in (0, 2, 5) for place in range(9)]
    assert (encoded.vectors.any(axis=1) == [place in (0, 2, 5) for place in range(9)]).all()
    assert encoded.encoded == 2
    assert str(told[1]) == "file-1 is a broken picture"
    assert str(told[7]) == "absent is absent or no regular file"


def test_a_refused_medium_raises_by_default(tmp_path: Path, cache: VectorCache) -> None:
    paths = files(tmp_path, ["good", "broken"])
    with pytest.raises(MediaError, match="file-1 is a broken picture"):
        encode_cached(Counting(Strand.IMAGE), paths, cache)
    assert encode_cached(Counting(Strand.IMAGE), paths[:1], cache).encoded == 0, "what was good is kept"
    with pytest.raises(MediaError, match="absent"):
        encode_cached(Counting(Strand.IMAGE), [str(tmp_path / "absent")], cache)


def test_many_broken_ones_cost_no_more_than_twice(tmp_path: Path, cache: VectorCache) -> None:
    encoder = Counting(Strand.IMAGE)
    paths = files(tmp_path, [f"{'broken' if number % 2 else 'good'} {number}" for number in range(200)])
    told: list[int] = []
    encode_cached(encoder, paths, cache, on_media_error=lambda place, _: told.append(place))
    assert sorted(told) == list(range(1, 200, 2))
    assert len(encoder.asked) <= 201


def test_a_refused_medium_that_was_repaired_is_encoded(tmp_path: Path, cache: VectorCache) -> None:
    (path,) = files(tmp_path, ["broken"])
    encode_cached(Counting(Strand.IMAGE), [path], cache, on_media_error=lambda *_: None)
    Path(path).write_text("good")
    assert encode_cached(Counting(Strand.IMAGE), [path], cache).encoded == 1


def test_real_pictures_renamed_are_not_encoded_again(
    tmp_path: Path, cache: VectorCache, picture_files: list[str]
) -> None:
    encoder = make_encoder(LITE0_PICTURES)
    first = encode_cached(encoder, picture_files, cache)
    renamed = []
    for number, path in enumerate(picture_files[::-1]):
        renamed.append(str(tmp_path / f"other-{number}.jpg"))
        Path(renamed[-1]).write_bytes(Path(path).read_bytes())
    second = encode_cached(encoder, renamed, cache)
    assert (first.encoded, second.encoded) == (len(picture_files), 0)
    np.testing.assert_array_equal(second.vectors, first.vectors[::-1])
    np.testing.assert_allclose(first.vectors, encoder.encode(picture_files), atol=1e-5)


def written(folder: Path, *words: str) -> list[str]:
    for place, text in enumerate(words):
        (folder / f"{place}.txt").write_text(text)
    return [str(folder / f"{place}.txt") for place in range(len(words))]


@given(st.lists(st.text(st.characters(exclude_characters="\0")).map(lambda name: f"/{name}")))
def test_several_paths_come_back_whatever_they_hold(paths: list[str]) -> None:
    assert media_paths(several_media(paths)) == tuple(paths)


def test_one_path_is_its_own_content() -> None:
    assert several_media(["/a|b.png"]) == "/a|b.png"
    assert several_media([]) == ""


def test_several_media_are_the_mean_of_their_unit_vectors(tmp_path: Path, cache: VectorCache) -> None:
    encoder = Counting(Strand.IMAGE)
    a, b, c, again = written(tmp_path, "a", "bbbb", "cc", "a")
    contents = [several_media([a, b]), c, several_media([b, again, a]), "", a]
    encoded = encode_cached(encoder, contents, cache)
    one, other, third = (encoder.by_hand(path) for path in (a, b, c))
    mean = (one + other) / 2
    expected = [mean / np.linalg.norm(mean), third, mean / np.linalg.norm(mean), np.zeros(3), one]
    np.testing.assert_allclose(encoded.vectors, expected, atol=1e-6)
    assert encoded.encoded == 3
    assert encoded.hashes[0] == encoded.hashes[2]  # neither order nor repetition counts
    assert encoded.hashes[4] == content_hash(Strand.IMAGE, a)
    assert len({digest for digest in encoded.hashes if digest}) == 3


def test_each_of_several_is_cached_and_so_is_what_they_make(tmp_path: Path, cache: VectorCache) -> None:
    encoder = Counting(Strand.IMAGE)
    a, b, c = written(tmp_path, "a", "bbbb", "cc")
    first = encode_cached(encoder, [several_media([a, b])], cache)
    np.testing.assert_array_equal(cache.get(encoder.fingerprint, first.hashes)[first.hashes[0]], first.vectors[0])
    assert encode_cached(encoder, [several_media([b, c, a]), a], cache).encoded == 1
    assert [path for asked in encoder.asked[1:] for path in asked] == [c]


def test_a_broken_one_of_several_refuses_the_whole_once(tmp_path: Path, cache: VectorCache) -> None:
    encoder = Counting(Strand.IMAGE)
    a, broken, worse = written(tmp_path, "a", "broken", "broken too")
    told: list[tuple[int, str]] = []
    contents = [a, several_media([a, broken, worse, str(tmp_path / "absent")]), several_media([a, a])]
    encoded = encode_cached(
        encoder, contents, cache, on_media_error=lambda place, error: told.append((place, error.path))
    )
    assert [place for place, _ in told] == [1]
    assert encoded.hashes[1] == ""
    assert not encoded.vectors[1].any()
    np.testing.assert_array_equal(encoded.vectors[2], encoded.vectors[0])
