"""Show what a user's taste is made of."""

import sys

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["profile", *sys.argv[1:]]))
