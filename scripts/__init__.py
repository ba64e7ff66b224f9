"""Thin entry points, one job each."""
