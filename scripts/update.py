"""Change columns of items."""

import sys

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["update", *sys.argv[1:]]))
