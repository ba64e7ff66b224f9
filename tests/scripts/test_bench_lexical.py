"""The benchmark of words: texts as it says, every figure there."""

import numpy as np

from scripts.bench_lexical import WORDS, compare, texts_of


def test_texts_have_their_words_and_a_model_number_each() -> None:
    texts = texts_of(50, np.random.default_rng(1))
    assert {len(title.split()) for title, _ in texts} == {4}
    assert {len(description.split()) for _, description in texts} == {WORDS + 1}
    numbers = {description.split()[-1] for _, description in texts}
    assert len(numbers) == 50
    assert all(number.split("-")[1].isdigit() for number in numbers)


def test_every_figure_is_there() -> None:
    figures = compare(200, 20, 0)
    assert figures["items"] == 200
    assert {name for name in figures if name.endswith("_ms")} == {
        "vectors_ms", "words_ms", "words_after_changes_ms", "words_of_a_page_ms", "one_change_ms"
    }  # fmt: skip
    assert all(value >= 0 for value in figures.values())
