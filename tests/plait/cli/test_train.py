"""Training through the command line: plans, what is left behind, and logs that nobody would wish for."""

import json
from pathlib import Path

import pytest

from tests.plait import toy
from tests.plait.conftest import Cli


def _rows(*events: tuple[str, str, str, float, int]) -> list[dict[str, str]]:
    names = ("user_id", "item_id", "event", "value", "timestamp")
    return [dict(zip(names, map(str, event), strict=True)) for event in events]


ITEMS = [row["item_id"] for row in toy.items()]
ODD = {
    "one user": _rows(*(("u", item, "like", 1.0, toy.START + at) for at, item in enumerate(ITEMS[:5]))),
    "one event": _rows(("u", ITEMS[0], "like", 1.0, toy.START)),
    "the same item": _rows(*((f"u{user}", ITEMS[0], "like", 1.0, toy.START + user) for user in range(8))),
    "only negatives": _rows(*((f"u{user}", ITEMS[user], "dislike", 1.0, toy.START) for user in range(8))),
    "ratings off the scale": _rows(
        *((f"u{user}", ITEMS[user], "rating", (1e9, -5.0)[user % 2], toy.START) for user in range(8))
    ),
    "the future": _rows(*((f"u{user}", ITEMS[user], "like", 1.0, 4_102_444_800) for user in range(8))),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_log_is_trained_or_refused_in_one_line(name: str, cli: Cli, tmp_path: Path, toy_files: Path) -> None:
    own, items = f"text={toy_files / 'vectors.npy'}", toy_files / "items.csv"
    log = toy.write_table(tmp_path / "log.csv", ODD[name])
    workspace = tmp_path / "workspace"
    built = cli("build", workspace, "--items", items, "--vectors", own, "--interactions", log)
    if built.code:
        assert (built.code, built.err.strip().count("\n")) == (1, 0)
        return
    outcome = cli("train", workspace, "--budget", "30s", "--json")
    if outcome.code:
        assert outcome.code == 1
        assert "Traceback" not in outcome.err
        assert not list((workspace / "models").glob("0*"))
    else:
        assert json.loads(outcome.out)["items"] == len(ITEMS)
        assert cli("recommend", workspace, "--user", ODD[name][0]["user_id"]).code == 0


def test_a_plan_is_repeated_and_bad_ones_are_refused(cli: Cli, own: Path, tmp_path: Path) -> None:
    first = json.loads(cli("train", own, "--budget", "30s", "--json").out)
    assert first["peak_memory"] > 0
    assert first["steps"]
    assert not (own / "models" / ".training").exists()
    file = tmp_path / "report.json"
    file.write_text(json.dumps(first), encoding="utf-8")
    repeated = cli("train", own, "--plan", file, "--json")
    assert repeated.code == 0, repeated.err
    again = json.loads(repeated.out)
    assert again["plan"] == first["plan"]
    for text in ("nonsense", "[]", json.dumps({**first["plan"], "epoch": 3})):
        file.write_text(text, encoding="utf-8")
        outcome = cli("train", own, "--plan", file)
        assert outcome.code == 2
        assert outcome.err.count("\n") == 1
        assert "--plan" in outcome.err
    assert cli("train", own, "--plan", tmp_path / "none.json").code == 2
