"""Find items like an item."""

import sys

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["similar", *sys.argv[1:]]))
