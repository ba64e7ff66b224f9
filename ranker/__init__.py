"""History and candidates in, ordered items with reasons out: profile, collaborative filtering, the learned ranker."""

from ranker.interactions import Floats, Histories, Interactions, Rows, Times

__all__ = ["Floats", "Histories", "Interactions", "Rows", "Times"]
