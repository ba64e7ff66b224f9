"""The bench of a large log runs whole on a small one."""

import re
from pathlib import Path

import numpy as np
import pytest

from plait import Recommender
from scripts.bench_large_log import main
from tests.plait import toy


def test_it_prints_both_and_their_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vectors = tmp_path / "vectors.npy"
    np.save(vectors, toy.vectors())
    Recommender.build(tmp_path / "w", items=toy.items(), interactions=toy.interactions(), vectors={"text": vectors})
    main([str(tmp_path / "w"), "--seconds", "4", "--width", "16"])
    told = capsys.readouterr().out
    assert re.search(r"^sasrec: [1-9]\d* epochs$", told, re.MULTILINE)
    found = dict(re.findall(r"^(\S.*?) +([+-]\d*\.\d+) \[", told, re.MULTILINE))
    assert set(found) == {"plait", "its encoder", "sasrec", "plait less sasrec", "its encoder less sasrec"}
    assert float(found["plait less sasrec"]) == pytest.approx(float(found["plait"]) - float(found["sasrec"]), abs=2e-4)
