"""Learn from the interactions."""

import sys

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["train", *sys.argv[1:]]))
