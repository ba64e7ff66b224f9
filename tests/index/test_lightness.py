"""Importing the package costs numpy and nothing heavier."""

import subprocess
import sys

import index

HEAVY = ["faiss", "torch", "scipy", "implicit", "PIL", "plait", "embedders", "ranker"]


def test_import_pulls_in_nothing_heavy() -> None:
    code = f"import sys, index; print([name for name in {HEAVY} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_all_exported_names_exist_and_are_sorted() -> None:
    assert index.__all__ == sorted(index.__all__)
    assert all(hasattr(index, name) for name in index.__all__)
