"""Memory of this process."""

from pathlib import Path

ROLLUP = Path("/proc/self/smaps_rollup")
STATUS = Path("/proc/self/status")


def memory_bytes() -> int:
    """Return the memory that this process takes, its share of pages that others have too; 0 where nobody tells."""
    for path, field in ((ROLLUP, "Pss:"), (STATUS, "VmRSS:")):
        try:
            lines = path.read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    return 0
