"""Threads: how many the libraries that compute may begin in a process that answers many at once."""

import os

OPENBLAS = "OPENBLAS_NUM_THREADS"
OPENMP = "OMP_NUM_THREADS"


def compute_alone() -> None:
    """Let each answer be computed in the thread that asks, unless it was said with how many.

    To share out the system that folds a user in (NumPy, SciPy), the words of a search (PyTorch) or a scan (FAISS) wins
    little where the cores are idle, and takes several times as long where other answers have them. PyTorch and FAISS
    must not have been loaded: they read the environment as they are.
    """
    os.environ.setdefault(OPENMP, "1")
    if OPENBLAS in os.environ:
        return
    # What is loaded later reads this.
    os.environ[OPENBLAS] = "1"
    from threadpoolctl import ThreadpoolController

    ThreadpoolController().select(internal_api="openblas").limit(limits=1)
