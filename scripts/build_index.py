"""Build the index of a catalogue (the command `plait build`)."""

import sys

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["build", *sys.argv[1:]]))
