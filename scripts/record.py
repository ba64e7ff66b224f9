"""Record interactions."""

import sys

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["record", *sys.argv[1:]]))
