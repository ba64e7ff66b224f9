"""Find users whose taste is like a user's."""

import sys

if sys.path[0].endswith("scripts"):
    # Run by its path, this folder would come before the standard library, whose profile.py it hides.
    sys.path.pop(0)

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["users-like", *sys.argv[1:]]))
