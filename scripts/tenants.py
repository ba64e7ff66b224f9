"""Name, list and remove the tenants of a service."""

import sys

if sys.path[0].endswith("scripts"):
    # Run by its path, this folder would come before the standard library, whose profile.py it hides.
    sys.path.pop(0)

from plait.cli import run

if __name__ == "__main__":
    sys.exit(run(["tenants", *sys.argv[1:]]))
