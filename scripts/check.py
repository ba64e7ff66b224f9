"""Check a workspace."""

import sys

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["check", *sys.argv[1:]]))
