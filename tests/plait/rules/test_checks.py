"""Rules that do not fit: one line when a workspace is first asked; those of a call are a wrong call."""

import json
from pathlib import Path

import pytest

from plait.errors import BadData, WrongCall
from plait.list_rules import RecommendOptions
from plait.recommender import Recommender
from tests.plait.conftest import Cli

PINS = "[[rules.pins]]\nplace = 1\nitem = 'space-0'\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[rules]\nrequire = "stock > 0"', "rules.require: where: no attribute stock; known are"),
        ('[rules]\nrequire = "year >"', "rules.require: where"),
        ('[rules]\nrequire = "title"', "rules.require: where"),
        ("[rules]\nmax_per = { maker = 2 }", "rules.max_per: no attribute maker"),
        ('[rules]\ngroup_by = "series"', "rules.group_by: no attribute series"),
        ("[rules]\nmax_per = { year = 2 }\ngroup_by = 'year'", "max_per year=2 contradicts group_by"),
        ("[[rules.pins]]\nplace = 1\nitem = 'nowhere'", "rules.pins.0: item 'nowhere' is not in the catalogue"),
        ("[[rules.pins]]\nplace = 1\nitem = 'space-5'", "rules.pins.0: item 'space-5' is not in the catalogue"),
        ("[[rules.pins]]\nplace = 0\nitem = 'space-0'", "key rules.pins.0.place is 0"),
        ("[[rules.pins]]\nplace = 1", "a pin needs `item` or `where`"),
        (PINS + "where = 'colour = 1'", "rules.pins.0.where: where: no attribute colour"),
        (PINS + PINS.replace("space-0", "space-1"), "two pins at once for place 1"),
        (PINS + PINS.replace("1", "2"), "two pins at once for item 'space-0'"),
        (PINS + "from = 2026-02-01\nuntil = 2026-01-01", "its `from` must lie before its `until`"),
        (PINS + PINS.replace("place = 1", "place = 2").replace("-0", "-1") + "[rules.max_per]\ncategories = 1",
         "rules.pins: 2 pinned items share a value of categories; the cap is 1"),
        ("[rules]\nexclude = ['space-0']\n" + PINS, "rules.pins.0: item 'space-0' is excluded as well"),
        ("[[rules.boosts]]\nwhere = \"maker = 'x'\"\nby = 1", "rules.boosts.0.where: where: no attribute maker"),
        ("[[rules.boosts]]\nwhere = 'year > 1990'\nby = inf", "key rules.boosts.0.by is inf"),
        ("[[rules.boosts]]\nwhere = 'year > 1990'\nfrom = 'soon'\nby = 1", "key rules.boosts.0.from is 'soon'"),
        ("[[rules.boosts]]\nwhen = 1", "key rules.boosts.0.when is not known; expected one of from, until, where, by"),
        ("[rules.fresh]\nitems = 5\nof = 3", "5 fresh items do not fit into the first 3 places"),
        ('[rules.objective]\nvalue = 1\nattribute = "margin"', "rules.objective.attribute: no attribute margin"),
        ('[rules.objective]\nvalue = 1\nattribute = "categories"', "categories is a several; expected a number"),
    ],
)  # fmt: skip
def test_bad_rules_are_one_line_before_any_answer(own: Path, cli: Cli, text: str, complaint: str) -> None:
    Recommender.open(own).remove_items(["space-5"])
    (own / "plait.toml").write_text(text)
    with pytest.raises(BadData) as caught:
        Recommender.open(own).check_rules()
    with pytest.raises(BadData) as asked:
        Recommender.open(own).recommend("user-0")
    assert str(asked.value) == str(caught.value)
    assert complaint in str(caught.value)
    assert "plait.toml" in str(caught.value)
    outcome = cli("recommend", own, "--user", "user-0")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)


def test_check_names_all_that_does_not_fit(own: Path, cli: Cli) -> None:
    assert cli("check", own).code == 0
    (own / "plait.toml").write_text("[rules]\nrequire = 'stock > 0'\nmax_per = { maker = 2 }\n")
    outcome = cli("check", own, "--json")
    problems = json.loads(outcome.out)["problems"]
    assert [problem.split(": ")[0] for problem in problems] == [
        "plait.toml, rules.require",
        "plait.toml, rules.max_per",
    ]


def test_pins_that_follow_each_other_do_not_meet(own: Path) -> None:
    dates = "until = 2026-02-01\n", "from = 2026-02-01\n"
    pins = PINS + dates[0] + PINS.replace("space-0", "space-1") + dates[1] + "[rules.max_per]\ncategories = 1\n"
    (own / "plait.toml").write_text(pins)
    recommender = Recommender.open(own)
    january, february = 1_768_000_000, 1_771_000_000
    assert recommender.recommend("stranger", at=january).items[0].item_id == "space-0"
    assert recommender.recommend("stranger", at=february).items[0].item_id == "space-1"


def test_what_is_removed_while_serving_is_passed_over(own: Path) -> None:
    (own / "plait.toml").write_text(PINS)
    recommender = Recommender.open(own)
    assert recommender.recommend("stranger").items[0].item_id == "space-0"
    recommender.remove_items(["space-0"])
    assert len(recommender.recommend("stranger").items) == 10
    with pytest.raises(BadData, match="is not in the catalogue"):
        Recommender.open(own).recommend("stranger")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--pin", "nowhere=1"], "'nowhere' is not in the catalogue"),
        (["--pin", "space-0"], "ID=PLACE"),
        (["--pin", "space-0=0"], "place is 0; expected a number from 1"),
        (["--pin", "space-0=1", "--pin", "space-0=2"], "each id once"),
        (["--pin", "space-0=1", "--pin", "space-1=1"], "two items for place 1"),
        (["--pin", "space-0=1", "--pin", "space-1=2", "--max-per", "categories=1"], "share a value of categories"),
        (["--pin", "space-0=1", "--exclude", "space-0"], "pinned and excluded"),
        (["--exclude", ","], "names no item"),
        (["--max-per", "year=2", "--group-by", "year"], "contradicts group-by"),
        (["--at", "noon"], "is no time"),
    ],
)
def test_wrong_calls(cli: Cli, own_once: Path, arguments: list[str], word: str) -> None:
    outcome = cli("recommend", own_once, "--user", "user-0", *arguments)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert word in outcome.err


@pytest.mark.parametrize(
    "options",
    [
        {"boosts": {"colour = 1": 1.0}}, {"boosts": {"year > 1990": 11.0}}, {"pins": {"space-0": -1}},
        {"objective": {"value": -1.0}}, {"objective": {"money": 1.0}},
        {"objective": {"value": 1.0, "attribute": "colour"}},
    ],
)  # fmt: skip
def test_wrong_calls_from_python(own_once: Path, options: RecommendOptions) -> None:
    with pytest.raises(WrongCall):
        Recommender.open(own_once).recommend("user-0", **options)
