"""Vectors in, nearest ids out: exact and FAISS indexes, and one that changes while it serves."""

from index.exact import ExactIndex
from index.id_map import IdMap
from index.live import LiveIndex
from index.live_view import LiveView
from index.recall import found_of, measure_recall, recall_at
from index.snapshot import IndexSnapshot
from index.vector_index import Hits, Mask, Rows, VectorIndex, Vectors

__all__ = [
    "ExactIndex",
    "Hits",
    "IdMap",
    "IndexSnapshot",
    "LiveIndex",
    "LiveView",
    "Mask",
    "Rows",
    "VectorIndex",
    "Vectors",
    "found_of",
    "measure_recall",
    "recall_at",
]
