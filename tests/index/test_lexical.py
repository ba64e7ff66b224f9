"""Lexical search equals BM25 by the book, whatever changes the index has been through."""

from collections.abc import Mapping, Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.lexical import MAIN, LexicalIndex, build_lexical
from index.postings import Document, Postings, make_postings
from tests.index.slow_lexical import slow_evidence

WORDS = ["tea", "cup", "red", "wh-1000xm4", "猫", "黒猫", "the", "Thé", "3.5mm", "東京タワー"]
TEXT = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
DOCUMENT = st.tuples(TEXT, TEXT)
SHOP: list[Document] = [
    ("Sony WH-1000XM4", "Wireless headphones with noise cancelling"),
    ("Sony WH-1000XM3", "The older wireless headphones"),
    ("Kettle", "Boils water for tea; also in red"),
    ("", ""),
    ("Red tea cup", "A cup for tea, in red, for tea"),
]


def check(index: LexicalIndex, documents: Mapping[int, Document], queries: Sequence[str]) -> None:
    found = index.scores(queries)
    assert found.shape == (len(queries), index.row_count)
    assert found.dtype == np.float32
    assert len(index) == sum(any(document) for document in documents.values())
    for place, query in enumerate(queries):
        expected = slow_evidence(query, documents)
        np.testing.assert_allclose(
            found[place], [expected.get(row, 0.0) for row in range(index.row_count)], atol=1e-5, err_msg=query
        )


def best_rows(index: LexicalIndex, words: str) -> list[int]:
    """Return the rows that have any of the words, most evidence first."""
    scores = index.scores([words])[0]
    order = np.argsort(-scores, kind="stable")
    return [int(row) for row in order if scores[row] > 0]


def test_evidence_by_hand() -> None:
    # Two documents of length 3 and 1, mean 2; "a" stands once in the first description alone.
    index = build_lexical([("", "a b c"), ("", "b")])
    norm = 1.2 * (0.25 + 0.75 * 3 / 2)
    assert index.scores(["a"]).tolist() == [[pytest.approx((1 + 1 / (1 + norm)) / 2, abs=1e-6), 0.0]]
    # "b" is in both: idf ln(1 + .5 / 2.5); "a" ln(1 + 1.5 / 1.5).
    rare, common = np.log(2.0), np.log(1.2)
    cover = common / (rare + common)
    expected = (1 + 1 / (1 + norm)) / 2, cover**6 * (1 + cover / (1 + 1.2 * (0.25 + 0.375))) / 2
    assert index.scores(["a b"])[0].tolist() == pytest.approx(expected, abs=1e-6)


def test_a_word_of_the_title_counts_more() -> None:
    scores = build_lexical([("", "red cup of tea"), ("red", "cup of tea"), ("", "cup of tea")]).scores(["red"])[0]
    assert scores[1] > scores[0] > scores[2] == 0


@given(st.lists(DOCUMENT, max_size=8), st.lists(TEXT, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_scores_are_those_of_the_book(documents: list[Document], queries: list[str]) -> None:
    check(build_lexical(documents), dict(enumerate(documents)), queries)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_changes_give_the_scores_of_a_new_index(data: st.DataObject) -> None:
    documents = dict(enumerate(data.draw(st.lists(DOCUMENT, max_size=6))))
    index = build_lexical(list(documents.values()))
    for _ in range(data.draw(st.integers(0, 6))):
        before, kept = index, index.scores(WORDS)
        count = index.row_count + data.draw(st.integers(0, 2))
        rows = data.draw(st.lists(st.integers(0, count - 1), unique=True, max_size=4)) if count else []
        changed = {row: data.draw(DOCUMENT) for row in rows}
        removed = data.draw(st.lists(st.integers(0, index.row_count - 1), max_size=3)) if index.row_count else []
        gone = [row for row in removed if row not in changed]
        index = index.changed(
            np.asarray(list(changed), dtype=np.int64), list(changed.values()),
            removed=np.asarray(gone, dtype=np.int64), row_count=count,
        )  # fmt: skip
        documents = {row: document for row, document in (documents | changed).items() if row not in gone}
        # Who holds the moment before still sees it.
        np.testing.assert_array_equal(before.scores(WORDS), kept)
    check(index, documents, WORDS)
    rows = data.draw(st.permutations(list(documents))) if documents else []
    compacted = index.compacted(np.asarray(rows, dtype=np.int64))
    check(compacted, {place: documents[row] for place, row in enumerate(rows)}, WORDS)
    assert [segment.number for segment in compacted.segments] == [MAIN]


@given(st.lists(DOCUMENT, min_size=1, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_rows_makes_no_difference(documents: list[Document], chance: Random) -> None:
    order = list(range(len(documents)))
    chance.shuffle(order)
    shuffled = build_lexical([documents[row] for row in order]).scores(WORDS)
    np.testing.assert_allclose(shuffled, build_lexical(documents).scores(WORDS)[:, order], atol=1e-6)


def test_many_small_changes_stay_few_segments() -> None:
    index = build_lexical([("a", "")])
    for row in range(1, 200):
        index = index.changed(np.asarray([row]), [("q" * row, "common")], row_count=row + 1)
        assert len(index.segments) <= 2 + np.log2(row + 1)
    assert len(index) == 200
    assert np.flatnonzero(index.scores(["q" * 77])[0]).tolist() == [77]
    assert np.count_nonzero(index.scores(["common"])[0]) == 199


def test_an_unchanged_document_is_not_indexed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    index = build_lexical(SHOP)

    def never(_documents: object) -> None:
        raise AssertionError("indexed again")

    monkeypatch.setattr("index.lexical.make_postings", never)
    again = index.changed(np.arange(5), SHOP)
    assert [segment.postings for segment in again.segments] == [segment.postings for segment in index.segments]
    np.testing.assert_array_equal(again.holders, index.holders)


def test_what_says_most_comes_first() -> None:
    index = build_lexical(SHOP)
    assert [best_rows(index, words) for words in ("wh-1000xm4", "tea", "nowhere", "")] == [[0, 1], [4, 2], [], []]


def test_a_change_is_given_what_it_needs() -> None:
    index = build_lexical(SHOP)
    with pytest.raises(ValueError, match="documents"):
        index.changed(np.arange(2), SHOP)
    with pytest.raises(ValueError, match="rows"):
        index.changed(np.asarray([5]), [("a", "")])


@pytest.mark.parametrize(
    "query", ["WH-1000XM4", "wh1000xm4", "wh 1000xm4", "WH‐1000 XM4", "1000XM4", "xm4", "WH_1000XM4"]
)
def test_model_numbers_are_found_however_they_are_written(query: str) -> None:
    assert best_rows(build_lexical(SHOP), query)[:1] == [0]


@pytest.mark.parametrize(
    ("query", "row"),
    [("猫", 0), ("黒猫", 0), ("東京", 1), ("ﾀﾜｰ", 1), ("タワー", 1), ("책", 2), ("한국어", 2), ("蛙", 3)],
)
def test_scripts_without_blanks(query: str, row: int) -> None:
    index = build_lexical([("黒猫の本", ""), ("東京タワー", "観光"), ("한국어 책", ""), ("青蛙。", "")])
    assert best_rows(index, query)[:1] == [row]


def test_an_empty_index() -> None:
    index = build_lexical([])
    assert index.scores(["tea"]).shape == (1, 0)
    assert len(index.changed(np.asarray([1]), [("tea", "")], row_count=2)) == 1


def test_frequencies_beyond_what_a_byte_holds_are_held_at_its_end() -> None:
    made = make_postings([("", "tea " * 1000), ("tea " * 100, "")])
    assert isinstance(made.postings, Postings)
    assert made.postings.frequencies.tolist() == [255, 255]
    assert made.lengths.tolist() == [1000, 300]


def test_half_a_surrogate_pair_is_no_error() -> None:
    assert best_rows(build_lexical([("\ud83d tea", "")]), "tea \ud83d") == [0]
