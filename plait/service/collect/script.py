"""Script: collect.js as it is served, without its comments and the blanks between its lines."""

import hashlib
import re
from functools import cache
from pathlib import Path


@cache
def script() -> tuple[bytes, str]:
    """Return collect.js and its ETag."""
    lines = Path(__file__).with_name("collect.js").read_text("utf-8").splitlines()
    kept = [line.strip() for line in lines]
    joined = "\n".join(line for line in kept if line and not line.startswith("//"))
    # Where a line ends so, the next one needs no break before it.
    content = re.sub(r"(?<=[{;,])\n", "", joined).encode()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'
