"""What a piece of work took: wall time and the most memory that the process held meanwhile."""

import resource
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
RESET_PEAK = "5"


@dataclass(frozen=True, slots=True)
class Spent:
    """Wall seconds, and the peak of the process's resident memory in MiB, with everything it held before."""

    seconds: float
    peak_mb: float


class Meter:
    """Measures from its making to `read`.

    On Linux the process's high-water mark is set back first (proc(5), clear_refs), so that one model's peak does not
    stand for the next one's. Where that cannot be done the mark is that of the whole life of the process.
    """

    def __init__(self) -> None:
        """Begin."""
        with suppress(OSError):
            CLEAR.write_text(RESET_PEAK)
        self._began = time.monotonic()

    def read(self) -> Spent:
        """Return what was spent so far."""
        return Spent(time.monotonic() - self._began, _peak_mb())


def _peak_mb() -> float:
    try:
        lines = STATUS.read_text(encoding="ascii", errors="replace").splitlines()
        return float(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return float(peak) / (2**20 if sys.platform == "darwin" else 2**10)
