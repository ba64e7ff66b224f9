"""Naming a peer loads no heavy library: only learning does."""

import subprocess
import sys

HEAVY = ("torch", "transformers", "tokenizers", "faiss", "timm")
PEERS = "sasrec, ncf, content, cnn_content, cf_cnn"


def test_peers_are_named_without_what_they_learn_by() -> None:
    script = f"import sys; from plait.evaluation.peers import {PEERS}; print(*[m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
