"""Find items by words, a picture or a sound."""

import sys

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["search", *sys.argv[1:]]))
