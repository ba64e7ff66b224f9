"""Logs that nobody would wish for: trained or refused in one line, and every answer after that is one."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.plait import toy
from tests.plait.conftest import Cli

Row = tuple[str, str, str, object, float]
"""user_id, item_id, event, value, timestamp."""
ITEMS = [row["item_id"] for row in toy.items()]
NAMES = ("user_id", "item_id", "event", "value", "timestamp")
NO_LIKING = "the log holds no liking; train needs interactions that say one"


def like(user: str, place: int, time: float = toy.START) -> Row:
    return user, ITEMS[place % len(ITEMS)], "like", "", time


def rated(*ratings: float) -> list[Row]:
    """Return eighty ratings of twelve users, one after the other."""
    return [(f"u{n % 12}", ITEMS[7 * n % 24], "rating", ratings[n % len(ratings)], toy.START + n) for n in range(80)]


def usual(change: float = 1.0, begin: float = 0.0) -> list[Row]:
    """Return the toy's log with times that are `begin + change * time`."""
    rows = toy.interactions()
    return [(r["user_id"], r["item_id"], r["event"], "", begin + change * float(r["timestamp"])) for r in rows]


def busy(count: int) -> list[Row]:
    """Return the toy's log and one user with `count` events, a minute apart."""
    return usual() + [like("busy", 5 * number, toy.START + 60.0 * number) for number in range(count)]


@dataclass(frozen=True)
class Odd:
    """A log; what `build` says of it where it refuses, what `train` says where it does, what `evaluate` says."""

    rows: Sequence[Row]
    build: str = ""
    train: str = ""
    evaluate: str = ""


FEW = "last-liked: no user has 5 events"
ODD = {
    "one user": Odd([like("u", n, toy.START + n) for n in range(5)]),
    "one event": Odd([like("u", 0)], evaluate=FEW),
    "one item": Odd([like(f"u{n}", 0, toy.START + n) for n in range(8)], evaluate=FEW),
    "one user and one item": Odd([like("u", 0, toy.START + n) for n in range(8)], evaluate=FEW),
    "only negatives": Odd(
        [(f"u{n % 2}", ITEMS[n], "dislike", "", toy.START) for n in range(12)], train=NO_LIKING, evaluate=FEW
    ),
    "only what says nothing": Odd(rated(3.0), train=NO_LIKING, evaluate=FEW),
    "only impressions": Odd(
        [(f"u{n}", ITEMS[n], "impression", "", toy.START) for n in range(8)], train=NO_LIKING, evaluate="is empty"
    ),
    "ratings up to a hundred": Odd(rated(0.0, 50.0, 100.0)),
    "ratings of a thousand millions": Odd(rated(1e9, -5.0, 4.0)),
    "ratings near the largest number": Odd(rated(1e300, -1e300, 5.0, 1.0)),
    "a rating without end": Odd([("u", ITEMS[0], "rating", "inf", toy.START)], build="'inf' is no number"),
    "a dwell near the largest number": Odd([(f"u{n % 9}", ITEMS[n % 24], "view", 1e300, toy.START) for n in range(80)]),
    "the future": Odd(usual(begin=2.4e9)),
    "one moment": Odd(usual(0.0, toy.START)),
    "moment 0": Odd(usual(0.0)),
    "before 1970": Odd(usual(-1.0)),
    "milliseconds": Odd(usual(1e3)[:1], build="milliseconds?"),
    "some milliseconds": Odd([*usual(), like("u", 0, 1e3 * toy.START)], build="line 62, column timestamp"),
    "a busy user": Odd(busy(3_000)),
    "a user whom no person could be": Odd([*usual(), *(like("bot", 5 * n, toy.START + n) for n in range(2_500))]),
}


def finite(said: object) -> bool:
    """Return whether every number in an answer is one."""
    if isinstance(said, dict):
        return all(finite(value) for value in said.values())
    if isinstance(said, list):
        return all(finite(value) for value in said)
    return not isinstance(said, float) or math.isfinite(said)


def refused(code: int, err: str, reason: str) -> bool:
    """Return whether a command was to be refused, and see that it was, for the reason, in one line."""
    assert "Traceback" not in err
    assert "Warning" not in err
    assert code == (1 if reason else 0), err
    if reason:
        last = err.strip().splitlines()[-1]
        assert last.startswith("plait: ")
        assert reason in last
    return bool(reason)


def check(odd: Odd, cli: Cli, folder: Path, toy_files: Path) -> None:
    workspace, own = folder / "workspace", f"text={toy_files / 'vectors.npy'}"
    rows = [dict(zip(NAMES, map(str, row), strict=True)) for row in odd.rows]
    log = toy.write_table(folder / "log.csv", rows)
    built = cli("build", workspace, "--items", toy_files / "items.csv", "--vectors", own, "--interactions", log)
    if refused(built.code, built.err, odd.build):
        return
    trained = cli("train", workspace, "--budget", "30s", "--json")
    if refused(trained.code, trained.err, odd.train):
        assert not list((workspace / "models").glob("0*"))
    else:
        assert json.loads(trained.out)["items"] == len(ITEMS)
    for user in (rows[-1]["user_id"], "stranger"):
        told = cli("profile", workspace, user, "--json")
        assert not refused(told.code, told.err, "")
        shown = cli("recommend", workspace, "--user", user, "--include-seen", "--json")
        assert not refused(shown.code, shown.err, "")
        assert finite([json.loads(told.out), json.loads(shown.out)])
        assert len(json.loads(shown.out)["items"]) == 10
    asked = cli("onboard", workspace, "--json")
    assert not refused(asked.code, asked.err, "")
    judged = cli(
        "evaluate", workspace, "--protocol", "last-liked", "--seeds", "1", "--models", "plait,popularity", "--json"
    )
    if not refused(judged.code, judged.err, odd.evaluate):
        figures = json.loads(judged.out)["models"]
        assert all(0 <= figures[name]["ndcg@10"]["mean"] <= 1 for name in ("plait", "popularity"))


@pytest.mark.parametrize("name", ODD)
def test_an_odd_log_is_trained_or_refused_in_one_line(name: str, cli: Cli, tmp_path: Path, toy_files: Path) -> None:
    check(ODD[name], cli, tmp_path, toy_files)


@pytest.mark.system
def test_a_user_with_a_hundred_thousand_events(cli: Cli, tmp_path: Path, toy_files: Path) -> None:
    check(Odd(busy(100_000)), cli, tmp_path, toy_files)


def test_one_rating_off_the_scale_does_not_drown_the_others(cli: Cli, tmp_path: Path, toy_files: Path) -> None:
    """Three like space and one gave an item of cooking a thousand millions: space is still shown to who likes it."""
    rows = [*usual(), ("slip", "cooking-0", "rating", 1e9, toy.START + 1.0)]
    log = toy.write_table(tmp_path / "log.csv", [dict(zip(NAMES, map(str, row), strict=True)) for row in rows])
    workspace, own = tmp_path / "workspace", f"text={toy_files / 'vectors.npy'}"
    build = ("build", workspace, "--items", toy_files / "items.csv", "--vectors", own, "--interactions", log)
    assert cli(*build).code == cli("train", workspace, "--budget", "30s").code == 0
    shown = json.loads(cli("recommend", workspace, "--user", "user-2", "--limit", "2", "--json").out)["items"]
    assert {item["item_id"].split("-")[0] for item in shown} == {"space"}
