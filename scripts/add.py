"""Add items."""

import sys

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["add", *sys.argv[1:]]))
