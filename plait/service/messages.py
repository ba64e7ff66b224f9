"""Messages: what Plait says of an error, without the names of folders on the machine that serves."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

PATH = re.compile(r"(?<![\w/%])/(?:[^\s/'\"`,:;()]+/)+(?=[^\s/'\"`,:;()])")
"""The folders of an absolute path, up to its last part."""
DATABASE = re.compile(r"\bpostgresql://\S+\?schema=\w+")
"""The place of a store that is no file."""
UNREACHED = re.compile(r"(was lost meanwhile) \(.*?\)+(?=$|[;:])", re.DOTALL)
"""What a driver says of a server, which names its address."""
Clean = Callable[[str], str]


def cleaner(folders: Sequence[tuple[Path, str]]) -> Clean:
    """Return what makes a message fit to be told: folders are called by the name given here, others are left out."""
    names = {str(form): name for folder, name in folders for form in (folder, folder.absolute(), folder.resolve())}
    # The longest first: one folder may lie in another.
    known = sorted(names.items(), key=lambda each: -len(each[0]))

    def clean(message: str) -> str:
        for folder, name in known:
            if folder not in (".", "/"):
                message = message.replace(folder, name)
        message = UNREACHED.sub(r"\1", DATABASE.sub("the store", message))
        return " ".join(PATH.sub("", message).split())

    return clean
