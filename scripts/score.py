"""Score pairs of users and items."""

import sys

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["score", *sys.argv[1:]]))
