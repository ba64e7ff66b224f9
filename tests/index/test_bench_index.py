"""The benchmark measures what it says, on data of the kinds it names."""

import json

import numpy as np
import pytest
from typer import Typer
from typer.testing import CliRunner

from scripts.bench_index import DIMENSION, clustered_vectors, main, random_vectors


def test_it_reports_latency_ratio_and_recall() -> None:
    app = Typer()
    app.command()(main)
    ran = CliRunner().invoke(app, ["--rows", "1500", "--queries", "100", "--json"])
    assert ran.exit_code == 0, ran.output
    (figures,) = json.loads(ran.output)
    assert (figures["rows"], figures["kind"], figures["recall"]) == (1500, "flat", 1.0)
    assert 0 < figures["raw_median_ms"] <= figures["raw_p95_ms"]
    assert 0 < figures["live_median_wall_ms"] <= figures["live_p95_wall_ms"]
    assert figures["live_ratio"] == pytest.approx(figures["live_median_ms"] / figures["raw_median_ms"], abs=0.001)


def test_wrong_options_are_a_wrong_call() -> None:
    app = Typer()
    app.command()(main)
    assert CliRunner().invoke(app, ["--data", "spheres"]).exit_code == 2


def test_vectors_are_of_the_kinds_named() -> None:
    rng = np.random.default_rng(0)
    np.testing.assert_allclose(np.linalg.norm(random_vectors(20, rng), axis=1), 1, rtol=1e-5)
    blocks = np.linalg.norm(clustered_vectors(500, rng).reshape(500, 3, DIMENSION // 3), axis=2)
    present = blocks > 0
    np.testing.assert_allclose(blocks[present], 1, rtol=1e-5)
    assert 0.2 < 1 - present.mean() < 0.6
    assert present.any(axis=1).all()
