"""Libraries that compute begin no more threads than a process that answers many at once should have."""

import json
import os
import subprocess
import sys

THREADS = """
import json
import plait.service.running
from plait.service.threads import compute_alone
compute_alone()
import faiss, scipy.linalg, torch
from threadpoolctl import threadpool_info
blas = {info["num_threads"] for info in threadpool_info() if info["internal_api"] == "openblas"}
print(json.dumps([sorted(blas), torch.get_num_threads(), faiss.omp_get_max_threads()]))
"""


def threads(**said: str) -> tuple[list[int], int, int]:
    """Return the threads of OpenBLAS, PyTorch and FAISS in a process that serves."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")} | said
    done = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True, check=True, env=environment)
    blas, torch, faiss = json.loads(done.stdout)
    return blas, torch, faiss


def test_an_answer_is_computed_where_it_is_asked_for() -> None:
    assert threads() == ([1], 1, 1)


def test_what_was_said_stands() -> None:
    cores = len(os.sched_getaffinity(0))
    assert threads(OMP_NUM_THREADS="2", OPENBLAS_NUM_THREADS="2") == ([min(2, cores)], 2, 2)
