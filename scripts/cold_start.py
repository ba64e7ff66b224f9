"""Say what a new item is like and whom it suits."""

import sys

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["cold-start", *sys.argv[1:]]))
