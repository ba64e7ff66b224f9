"""The command line: one function a command, each a thin face over plait.recommender."""

from plait.cli.main import main, run

__all__ = ["main", "run"]
