"""bfloat16: what large networks multiply in while they learn, on processors that do so themselves."""

from functools import cache
from pathlib import Path

CPU = Path("/proc/cpuinfo")
FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}
"""What x86 and ARM processors call it; where it is missing, bfloat16 is emulated and slower than float32."""


@cache
def has_bfloat16() -> bool:
    """Return whether the processor multiplies bfloat16. Known on Linux only; elsewhere the answer is no."""
    try:
        return bool(FLAGS & set(CPU.read_text(encoding="utf-8", errors="replace").split()))
    except OSError:
        return False
