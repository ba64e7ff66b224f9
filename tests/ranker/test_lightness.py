"""Importing the ranker imports nothing heavy."""

import subprocess
import sys

HEAVY = ("torch", "faiss", "implicit", "PIL", "scipy", "sklearn")
MODULES = "ranker, ranker.fit, ranker.rank, ranker.metrics, ranker.score_metrics, ranker.rating, ranker.fold_in"
CHECK = f"import sys, {MODULES}\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"


def test_light() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
