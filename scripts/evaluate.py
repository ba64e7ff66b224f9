"""Measure the recommender against its peers."""

import sys

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["evaluate", *sys.argv[1:]]))
