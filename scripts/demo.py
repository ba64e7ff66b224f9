"""Show Plait at work."""

import sys

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["demo", *sys.argv[1:]]))
