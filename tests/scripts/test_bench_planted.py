"""What the bench of planted things counts: by hand, and nothing of a listener held back is told."""

from pathlib import Path

import numpy as np
import pytest

from plait.datasets.studio import write_studio
from scripts import bench_planted
from scripts.bench_planted import hits, interval, ratio, world_of


def test_hits_are_the_share_of_what_was_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_planted, "CUT", 2)
    chances = np.asarray([[0.1, 0.9, 0.5, 0.0], [0.4, 0.3, 0.2, 0.1]])
    assert hits(chances, [[1, 3], [0, 1]]).tolist() == [0.5, 1.0]


def test_intervals_hold_the_mean() -> None:
    values = np.asarray([0.0, 1.0] * 50)
    assert interval(values).startswith("0.500 [0.4")
    assert ratio(values, np.full(100, 0.25)).startswith("2.00 [1.")
    assert ratio(values, values) == "1.00 [1.00, 1.00]"


def test_nothing_of_a_listener_held_back_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        bench_planted, "write_studio", lambda folder, seed: write_studio(folder, seed=seed, items=48, listeners=40)
    )
    world = world_of(tmp_path, 3)
    assert len(world.new) == 8
    assert {event["user_id"] for event in world.kept} == set(world.new)
    assert not {event["user_id"] for event in world.told} & set(world.new)
