"""Sentences of whole answers: asked for or not, in both languages, true to the log."""

import json
from pathlib import Path

import pytest

from plait.config import Events
from plait.flows.explain import done_by
from plait.flows.recommend import Asker
from plait.recommender import Recommender
from plait.records import Interaction
from plait.sentences.carrying import carrying, usual_parts
from plait.sentences.templates import CHINESE, ENGLISH, Told
from tests.plait import toy
from tests.plait.conftest import Cli

DAY = 86_400


def test_done_is_the_strongest_of_what_was_done_last() -> None:
    told: dict[str, list[tuple[str, float | None]]] = {
        "a": [("click", None), ("purchase", None), ("view", None)],
        "b": [("like", None), ("dislike", None)],
        "c": [("dislike", None), ("save", None)],
        "d": [("rating", 5.0)],
        "e": [("rating", 3.5)],
        "f": [("rating", 1.0)],
        "g": [("impression", None)],
    }
    events = [
        Interaction(item, event, value, float(time))
        for item, line in told.items()
        for time, (event, value) in enumerate(line)
    ]
    assert done_by(Asker("u", events), Events()) == {"a": "purchase", "c": "save", "d": "like", "e": "rating"}


def test_no_sentence_is_there_unless_asked_for(cli: Cli, own_once: Path) -> None:
    plain = json.loads(cli("recommend", own_once, "--user", "user-0", "--json").out)
    told = json.loads(cli("recommend", own_once, "--user", "user-0", "--explain", "en", "--json").out)
    assert not any("sentence" in item for item in plain["items"])
    assert all(item.pop("sentence") for item in told["items"])
    assert told == plain


def test_the_same_is_said_in_both_languages(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    said = {
        language: [item.sentence for item in recommender.recommend("user-0", limit=19, language=language).items]
        for language in ("en", "zh")
    }
    for english, chinese in zip(said["en"], said["zh"], strict=True):
        [about] = [told for told in Told if (start := ENGLISH[told].split("{")[0]) and english.startswith(start)]
        assert chinese.startswith(CHINESE[about].split("{")[0])


def test_what_is_named_is_in_because_and_was_liked(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    titles = {row["item_id"]: row["title"] for row in toy.items()}
    for answer in recommender.recommend([f"user-{n}" for n in range(0, 12, 2)], limit=10, language="en"):
        for item in answer.items:
            if item.sentence.startswith("Because you liked"):
                assert f"“{titles[item.because[0].item_id]}”" in item.sentence
                assert item.because[0].attention >= 0.25


def test_parts_are_judged_beside_those_of_all_items(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    # The catalogue is smaller than the sample: what is usual is the mean over all of it.
    whole = recommender.recommend("user-3", limit=24, include_seen=True)
    usual = usual_parts([item.parts for item in whole.items])
    for item in recommender.recommend("user-3", limit=19, language="en").items:
        popular = item.sentence == ENGLISH[Told.POPULAR]
        assert popular == (carrying(item.parts, usual) == "popularity")


def test_batches_answer_as_one_by_one(own_once: Path) -> None:
    recommender = Recommender.open(own_once)
    users = [f"user-{n % 12}" for n in range(40)]
    together = recommender.recommend(users, limit=4, language="zh")
    for user, answer in zip(users, together, strict=True):
        alone = recommender.recommend(user, limit=4, language="zh").items
        assert [(one.item_id, one.sentence) for one in answer.items] == [(one.item_id, one.sentence) for one in alone]
        # Of a batch the processor may add up in another order.
        for one, other in zip(answer.items, alone, strict=True):
            assert one.score == pytest.approx(other.score, abs=1e-6)
            assert dict(one.parts) == pytest.approx(dict(other.parts), abs=1e-6)


def test_of_nobody_no_taste_is_spoken_of(own_once: Path) -> None:
    taste = {ENGLISH[told].split("{")[0] for told in (Told.TASTE, Told.TOGETHER, Told.KNOWN, Told.ALIKE, Told.LIKED)}
    for item in Recommender.open(own_once).recommend("nobody", limit=24, language="en").items:
        assert not any(item.sentence.startswith(said) for said in taste)


def test_a_similar_item_is_told_of_beside_the_one_asked_for(own_once: Path) -> None:
    for item in Recommender.open(own_once).similar("space-2", limit=3, language="en").items:
        assert item.sentence == "Its words are like those of “Orbit”."


def test_what_is_looked_for_is_told_of_by_its_strand(built_once: Path) -> None:
    recommender = Recommender.open(built_once)
    said = {item.sentence for item in recommender.search("a ship in a storm at sea", limit=3, language="en").items}
    assert said <= {ENGLISH[Told.WORDS], ENGLISH[Told.NAMED]}


@pytest.mark.parametrize(("event", "verb"), [("purchase", "bought"), ("like", "chose")])
def test_pairs_say_their_support_and_what_was_counted(own: Path, event: str, verb: str) -> None:
    recommender = Recommender.open(own)
    rows = [
        {"user_id": f"new-{user}", "item_id": item_id, "event": event, "timestamp": 1_750_000_000 + step * DAY}
        for user in range(14)
        for step, item_id in enumerate(
            ("space-0", "cooking-5") if user < 7 else ("sailing-1", f"sailing-{user % 4 + 2}")
        )
    ]
    recommender.record(rows)
    found = recommender.similar("space-0", kind="bought-together", limit=24, language="en").items
    [paired] = [item for item in found if item.item_id == "cooking-5"]
    assert paired.sentence == f"{paired.pair['support']:g} people who {verb} “Rockets” also {verb} this."
    assert paired.pair["support"] == 7
    assert not any("people" in item.sentence for item in found if not item.pair)


def test_an_unknown_language_is_a_wrong_call(cli: Cli, own_once: Path) -> None:
    assert cli("recommend", own_once, "--user", "user-0", "--explain", "xx").code == 2
    with pytest.raises(ValueError, match="language 'xx': expected one of en, zh"):
        Recommender.open(own_once).recommend("user-0", language="xx")


def test_a_table_for_people_shows_the_sentences(cli: Cli, own_once: Path) -> None:
    outcome = cli("similar", own_once, "space-2", "--explain", "zh", "--limit", 2)
    assert outcome.code == 0
    assert outcome.out.count("文字内容与“Orbit”相近。") == 2
