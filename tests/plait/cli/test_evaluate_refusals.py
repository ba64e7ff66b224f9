"""What the command evaluate refuses: in one line, with exit code 2 where the call is wrong and 1 where the data is."""

from pathlib import Path

import pytest

from tests.plait import toy
from tests.plait.cli.complaints import LIGHT, complaint
from tests.plait.conftest import Cli


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--protocol", "last"], "protocol 'last' is not known; expected one of last-liked, leave-last-out, random, "),
        (["--protocol", "last-liked", "--models", "easy"], "model easy is not known; expected some of plait, "),
        (["--protocol", "last-liked", "--models", ""], "no model is named"),
        (["--protocol", "last-liked", "--models", "plait:0"], "--models plait:0: expected a number of seeds from 1"),
        (["--protocol", "last-liked", "--models", "plait:x"], "--models plait:x: expected a number of seeds from 1"),
        (["--protocol", "last-liked", "--seeds", "0"], "seeds 0, cuts (10,): expected numbers from 1"),
        (["--protocol", "last-liked", "--cuts", "10,5,10"], "cuts 10,5,10: expected each number once"),
        (["--protocol", "last-liked", "--models", "ease,ease:2"], "--models ease,ease:2: expected each model once"),
        (["--protocol", "last-liked", "--cuts", "ten"], "--cuts ten: expected numbers from 1"),
        (["--protocol", "last-liked", "--rankings", "file.csv"], "--rankings file.csv: expected NAME=FILE"),
        (["--protocol", "last-liked", "--rankings", "plait=x.csv"], "--rankings plait=...: expected a name that no"),
        (["--protocol", "last-liked", "--rankings", "x=no.csv"], "no.csv is not a file"),
        (
            ["--protocol", "last-liked", "--rankings", "ease=x.csv"],
            "--rankings ease=...: expected a name that no model",
        ),
        (["--protocol", "last-liked", "--seed", "-1"], "--seed -1: expected a number from 0"),
        (["--protocol", "last-liked", "--pair", "text:image"], "--pair and --hide-by are for the protocol cross-modal"),
        (["--protocol", "last-liked", "--hide-by", "year"], "--pair and --hide-by are for the protocol cross-modal"),
        (["--protocol", "last-liked", "--where", "year >"], "where, character 7: got the end; expected a number"),
        (["--protocol", "last-liked", "--splits", "no", "--seed", "0"], "--splits holds the salts it was saved with"),
        (["--protocol", "cross-modal", "--models", "ease"], "--models ease: cross-modal judges plait alone"),
        (["--protocol", "cross-modal", "--models", ""], "cross-modal judges plait alone"),
        (
            ["--protocol", "cross-modal", "--curves"],
            "cross-modal parts no log: it takes no rankings of users, no splits",
        ),
        (["--protocol", "last-liked", "--check-leaks", "--curves"], "--check-leaks judges in disguise"),
        (["--protocol", "cross-modal", "--pair", "text"], "--pair text: expected two strands such as text:image"),
        (["--protocol", "cross-modal", "--hide-by", "no"], "--hide-by no: no such attribute; known are year"),
        (["--protocol", "last", "--check-leaks"], "protocol 'last' is not known; expected one of last-liked, "),
        (["--protocol", "random", "--check-leaks", "--rankings", "x=x.csv"], "it takes no --rankings, --save-splits,"),
        (["--protocol", "random", "--check-leaks", "--save-splits", "no"], "it takes no --rankings, --save-splits,"),
        (
            ["--protocol", "random", "--check-leaks", "--splits", "no"],
            "it takes no --rankings, --save-splits, --splits",
        ),
        (["--protocol", "random", "--check-leaks", "--ablate"], "--check-leaks judges in disguise: it takes no"),
        (["--protocol", "random", "--check-leaks", "--cuts", "0"], "cuts (0,): expected numbers from 1"),
        (
            ["--protocol", "random", "--check-leaks", "--pair", "text:image"],
            "--pair and --hide-by are for the protocol",
        ),
        (["--protocol", "last-liked", "--models", "popularity", "--ablate"], "--ablate takes parts out of plait"),
        (["--protocol", "cross-modal", "--ablate"], "it takes no rankings of users, no splits, ablations or curves"),
        (["--protocol", "cross-modal", "--rankings", "x=x.csv"], "cross-modal parts no log: it takes no rankings"),
    ],
)
def test_wrong_calls_are_one_line(arguments: list[str], said: str, cli: Cli, built_once: Path) -> None:
    assert said in complaint(cli, built_once, 2, *arguments)


def test_an_ablations_name_is_taken(cli: Cli, built_once: Path) -> None:
    call = ("--protocol", "last-liked", "--models", "plait", "--ablate", "--rankings", "without cf=x.csv")
    said = complaint(cli, built_once, 2, *call)
    assert said == "plait: --rankings without cf=...: expected a name that no model or ablation has"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["user-0,1,no"], "line 2, column item_id: 'no' is not known"),
        (["nobody,1,cooking-0"], "line 2, column user_id: 'nobody' is not known"),
        (["user-0,1,cooking-0", "user-0,1,cooking-1"], "line 3, column rank: 'user-0' has rank 1 at"),
        (["user-0,1,cooking-0", "user-0,2,cooking-0"], "line 3, column item_id: 'user-0' has 'cooking-0' already"),
        (["user-0,first,cooking-0"], "line 2, column rank: 'first'; expected a whole number from 1"),
    ],
)
def test_bad_rankings_are_one_line(rows: list[str], said: str, cli: Cli, built_once: Path, tmp_path: Path) -> None:
    path = tmp_path / "theirs.csv"
    path.write_text("\n".join(["user_id,rank,item_id", *rows]) + "\n")
    call = ("--protocol", "last-liked", *LIGHT, "--rankings", f"theirs={path}")
    assert said in complaint(cli, built_once, 1, *call)


def test_a_log_without_times_is_one_line(cli: Cli, built_once: Path, tmp_path: Path) -> None:
    rows = [{**row, "timestamp": "0"} for row in toy.interactions()]
    files = [toy.write_table(tmp_path / "items.csv", toy.items()), toy.write_table(tmp_path / "log.csv", rows)]
    assert cli("build", tmp_path / "ws", "--items", files[0], "--interactions", files[1]).code == 0
    said = complaint(cli, tmp_path / "ws", 1, "--protocol", "global-time", *LIGHT)
    assert said == "plait: global-time needs times; the 60 events of this log have one time, 0"


def test_a_protocol_that_leaves_nobody_is_one_line(cli: Cli, built_once: Path) -> None:
    said = complaint(cli, built_once, 1, "--protocol", "cold-users", *LIGHT)
    assert said == (
        "plait: cold-users: none of 2 hidden users likes anything new after the first 20 events; nothing can be judged"
    )


def test_splits_of_another_catalogue_are_refused(cli: Cli, built: Path, tmp_path: Path) -> None:
    call = ("--protocol", "last-liked", *LIGHT, "--seeds", 1)
    assert cli("evaluate", built, *call, "--save-splits", tmp_path / "splits").code == 0
    assert cli("remove", built, "cooking-0").code == 0
    said = complaint(cli, built, 1, *call, "--splits", tmp_path / "splits")
    assert "item 'cooking-0' is not in the workspace (1 are missing)" in said
