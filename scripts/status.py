"""Say what a workspace holds."""

import sys

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["status", *sys.argv[1:]]))
