"""Recommend items to users."""

import sys

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["recommend", *sys.argv[1:]]))
