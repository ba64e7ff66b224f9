"""The benchmark of rating prediction: folds, errors by hand, and a table of planted ratings."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer import Typer
from typer.testing import CliRunner

from ranker.rating import RatingModel
from ranker.rating_gradient import Descent
from scripts import bench_ratings
from scripts.bench_ratings import Ratings, by_descent, errors, figures, main, parts, read


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a table in which even users rate even items high."""
    rng = np.random.default_rng(0)
    path = tmp_path / "interactions.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["user_id", "item_id", "rating", "timestamp"])
        for user in range(20):
            for item in rng.permutation(16)[:10].tolist():
                writer.writerow([f"u{user}", f"i{item}", 5 if (user + item) % 2 == 0 else 2, 0])
    return path


def _shuffled(table: Path) -> Path:
    head, *lines = table.read_text(encoding="utf-8").splitlines()
    other = table.with_name("other.csv")
    other.write_text("\n".join([head, *lines[::-1]]) + "\n", encoding="utf-8")
    return other


def test_folds_part_the_ratings_and_do_not_look_at_rows(table: Path) -> None:
    ratings, other = read(table), read(_shuffled(table))
    found = parts(ratings, 5, 0)
    assert [len(part) for part in found] == [40] * 5
    assert sorted(np.concatenate(found).tolist()) == list(range(200))
    assert ratings.names == other.names
    assert not np.array_equal(found[0], parts(ratings, 5, 1)[0])


def test_errors_by_hand() -> None:
    model = RatingModel(3.0, np.zeros((1, 1), np.float32), np.zeros((2, 1), np.float32), 1.0, 5.0)
    rows = np.asarray([0, 0])
    ratings = Ratings(rows, np.asarray([0, 1]), np.asarray([4.0, 0.0], np.float32), ("a", "b"), 1, 2)
    assert errors(model, ratings) == pytest.approx((np.sqrt(5.0), 2.0))


def test_figures_are_means_over_folds_with_an_interval(table: Path) -> None:
    found = figures(by_descent(Descent(factors=2, epochs=2)), read(table), 4, 0)
    assert 1.0 < found.rmse < 2.0
    assert 0.0 < found.rmse_half < 0.5
    assert found.mae < found.rmse


def test_the_table(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_ratings, "DESCENTS", (Descent(4, 2), Descent(4, 60, 0.05)))
    app = Typer()
    app.command()(main)
    answer = CliRunner().invoke(app, [str(table), "--folds", "3", "--json"])
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)
    assert list(found) == list(bench_ratings.LEARNERS)
    few, chosen = (found[name]["rmse"] for name in list(found)[:2])
    # What is chosen inside descends long enough to see the planted tastes.
    assert chosen < 0.7 * few
    printed = CliRunner().invoke(app, [str(table), "--folds", "2"])
    assert "Surprise, SVD with its defaults: RMSE 0.934, MAE 0.737" in printed.stdout
