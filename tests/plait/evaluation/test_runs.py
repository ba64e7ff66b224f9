"""Kept runs: read instead of made again, and only where data, settings and code are the same."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from plait.evaluation.disguise import Disguise
from plait.evaluation.peers.item_knn import ItemKnn
from plait.evaluation.peers.peer import Peer, Settings
from plait.evaluation.peers.popularity import Popularity
from plait.evaluation.protocols import SPLITTERS
from plait.evaluation.published import Published
from plait.evaluation.results import Results
from plait.evaluation.runner import Plan, judge
from plait.evaluation.runs import Runs
from plait.evaluation.splits import Split
from plait.evaluation.splitters import last_liked
from plait.history import Log
from tests.plait.evaluation.logs import Event, checkerboard, log_of
from tests.plait.evaluation.models import FittedShy


@dataclass(frozen=True)
class Counted:
    """Keeps on what it was fitted; `fails_at` is the fit at which it breaks off, as a killed process would."""

    depth: float = 2.0
    fails_at: int = 99
    name: str = "counted"

    def choose(self, validation: Split, *, seed: int) -> Settings:
        """Choose what it was told to."""
        FITTED.append(f"chosen {seed}")
        return {"depth": self.depth}

    def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedShy:
        """Note the split."""
        if len(FITTED) == self.fails_at:
            raise KeyboardInterrupt
        FITTED.append(split.title)
        return FittedShy(len(split.item_ids))


FITTED: list[str] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    FITTED.clear()


def _run(
    runs: Runs, peer: Peer, split: Split, settings: Settings | None = None, *, seed: int = 0, depth: int = 3
) -> int:
    """Make or read a run and return how many fits there were so far."""
    runs.run(peer, split, settings or {}, seed=seed, depth=depth)
    return len(FITTED)


def test_a_run_is_read_back_as_it_was_made(tmp_path: Path) -> None:
    split = last_liked(checkerboard(), 0)
    settings = {"shrinkage": 0.0, "neighbours": 50.0}
    made = Runs(tmp_path).run(ItemKnn(), split, settings, seed=0, depth=4)
    read = Runs(tmp_path).run(ItemKnn(), split, settings, seed=0, depth=4)
    for name in ("places", "top", "ratings"):
        np.testing.assert_array_equal(getattr(read.outcome, name), getattr(made.outcome, name))
    assert read.spent == made.spent
    assert made.spent.seconds > 0
    assert made.spent.peak_mb > 1


def test_only_the_same_run_is_read(tmp_path: Path) -> None:
    runs, split, peer = Runs(tmp_path), last_liked(checkerboard(), 0), Counted()
    assert _run(runs, peer, split) == 1
    assert _run(runs, peer, split) == 1
    assert _run(Runs(tmp_path), replace(peer), split) == 1
    assert _run(runs, peer, split, {"depth": 1.0}) == 2
    assert _run(runs, peer, split, seed=1) == 3
    assert _run(runs, peer, split, depth=4) == 4
    assert _run(runs, peer, last_liked(checkerboard(), 1)) == 5
    assert _run(runs, peer, last_liked(checkerboard(users=26), 0)) == 6
    assert _run(Runs(tmp_path), replace(peer, depth=5.0), split) == 7


@pytest.mark.parametrize("protocol", ["last-liked", "global-time", "cold-items"])
def test_the_same_split_in_other_rows_is_another_run(protocol: str, tmp_path: Path) -> None:
    """Places are kept by row: read for a log in other rows they would be those of other users."""
    rows: list[Event] = [
        (f"u{user}", f"i{(user * 5 + step * (1 + user % 3)) % 50}", float(60 * step + user), 1.0)
        for user in range(20)
        for step in range(28)
    ]
    log = log_of(rows)
    shuffled = Disguise("shuffled", shuffles=True).log(log)
    split_by = SPLITTERS[protocol]
    assert split_by(log, 0)[0].fingerprint == split_by(shuffled, 0)[0].fingerprint
    peers: list[Peer] = [Popularity(), ItemKnn()]

    def judged(given: Log, keep: Path | None) -> Results:
        return judge(lambda salt: split_by(given, salt), protocol, peers, Plan(1, (3,), keep=keep))

    plain, other, alone = judged(log, tmp_path), judged(shuffled, tmp_path), judged(shuffled, None)
    assert other.models == alone.models
    assert other.buckets == alone.buckets
    for name, values in plain.models.items():
        assert other.models[name]["mrr"]["mean"] == pytest.approx(values["mrr"]["mean"])


def test_other_code_makes_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    split = last_liked(checkerboard(), 0)
    _run(Runs(tmp_path), Counted(), split)
    monkeypatch.setattr("plait.evaluation.runs.source_hash", lambda *_: "other code")
    assert _run(Runs(tmp_path), Counted(), split) == 2


@pytest.mark.parametrize(
    "spoil", [lambda path: path.write_bytes(b""), lambda path: path.write_bytes(path.read_bytes()[:-20])]
)
def test_a_broken_run_is_made_again(spoil: Callable[[Path], object], tmp_path: Path) -> None:
    split = last_liked(checkerboard(), 0)
    _run(Runs(tmp_path), Counted(), split)
    (path,) = tmp_path.iterdir()
    spoil(path)
    assert _run(Runs(tmp_path), Counted(), split) == 2
    assert _run(Runs(tmp_path), Counted(), split) == 2


def test_broken_settings_are_chosen_again(tmp_path: Path) -> None:
    split = last_liked(checkerboard(), 0)
    assert Runs(tmp_path).choose(Counted(), split, seed=0).settings == {"depth": 2.0}
    assert Runs(tmp_path).choose(Counted(), split, seed=0).settings == {"depth": 2.0}
    assert len(FITTED) == 1
    (path,) = tmp_path.iterdir()
    path.write_text("{", encoding="utf-8")
    Runs(tmp_path).choose(Counted(), split, seed=0)
    assert len(FITTED) == 2


def test_without_a_folder_nothing_is_kept() -> None:
    split = last_liked(checkerboard(), 0)
    assert [_run(Runs(), Counted(), split) for _ in range(2)] == [1, 2]


def test_a_model_learns_from_a_split_without_targets() -> None:
    @dataclass(frozen=True)
    class Nosy(Counted):
        found: list[int] = field(default_factory=list)

        def fit(self, split: Split, settings: Settings, *, seed: int) -> FittedShy:
            self.found.extend([len(split.targets), len(split.histories), len(split.users)])
            return super().fit(split, settings, seed=seed)

    peer = Nosy()
    Runs().run(peer, last_liked(checkerboard(), 0), {}, seed=0, depth=1)
    assert peer.found == [0, 0, 0]


def test_an_evaluation_that_was_broken_off_goes_on_with_the_same_numbers(tmp_path: Path) -> None:
    log = checkerboard()

    def run(peer: Counted, keep: Path | None) -> object:
        plan = Plan(3, (5,), keep=keep, published=[Published("theirs", {"user-0": {"item-1": 1}})])
        peers: list[Peer] = [Popularity(), peer]
        return judge(lambda salt: [last_liked(log, salt)], "last-liked", peers, plan).to_json()

    whole = run(Counted(), None)
    FITTED.clear()
    with pytest.raises(KeyboardInterrupt):
        run(Counted(fails_at=2), tmp_path)
    assert FITTED == ["chosen 0", "salt 0"]
    FITTED.clear()
    # Where it breaks off is no part of what it is, were it not a field: so it is fitted with the same field again.
    again = run(Counted(fails_at=2), tmp_path)
    assert FITTED == ["salt 1", "salt 2"]
    assert isinstance(whole, dict)
    assert isinstance(again, dict)
    for part in ("models", "buckets", "differences", "splits", "users"):
        assert again[part] == whole[part]
    third = run(Counted(fails_at=2), tmp_path)
    assert isinstance(third, dict)
    for name in ("popularity", "counted"):
        assert third["details"][name] == again["details"][name]
    assert len(FITTED) == 2
