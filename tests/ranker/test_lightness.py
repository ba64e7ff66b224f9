"""Importing the ranker imports nothing heavy."""

import subprocess
import sys

HEAVY = ("torch", "faiss", "implicit", "PIL", "scipy", "sklearn")
NAMES = ("fit", "rank", "metrics", "score_metrics", "rating", "fold_in", "fit_warm_up", "sequence", "fit_sequence")
MODULES = ", ".join(["ranker", *(f"ranker.{name}" for name in NAMES)])
CHECK = f"import sys, {MODULES}\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"


def test_light() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
