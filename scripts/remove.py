"""Remove items."""

import sys

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["remove", *sys.argv[1:]]))
