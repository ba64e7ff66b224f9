"""Mapped array: a .npy file whose numbers stay in the file until they are looked at.

NumPy reads the head of such a file as Python source, and CPython below 3.12.5 fails with a SystemError where two
threads read source at once (its issue 106905): a service that loads a snapshot while another thread does would, now
and then.
"""

import re
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

HEAD = re.compile(
    r"\{'descr': '([<|>=]?[biufc][0-9]+)', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\), \} *\n"
)


def mapped_array(path: Path) -> NDArray[Any]:
    """Return the array of a .npy file of numbers, read only; its pages are shared with all who map it.

    Raises OSError, and ValueError for what is no such file, or shorter than its head says.
    """
    with path.open("rb") as stream:
        version = np.lib.format.read_magic(stream)
        width = 2 if version == (1, 0) else 4
        length = int.from_bytes(stream.read(width), "little")
        head, offset = stream.read(length), stream.tell()
    found = HEAD.fullmatch(head.decode("latin-1"))
    if len(head) < length or found is None:
        raise ValueError("its head is not that of an array of numbers")
    shape = tuple(int(count) for count in found[3].split(",") if count.strip())
    order: Literal["C", "F"] = "F" if found[2] == "True" else "C"
    try:
        kind = np.dtype(found[1])
    except TypeError as error:
        raise ValueError(f"{found[1]} is no kind of number") from error
    if 0 in shape:
        return np.zeros(shape, dtype=kind)
    return np.asarray(np.memmap(path, dtype=kind, mode="r", offset=offset, shape=shape, order=order))
