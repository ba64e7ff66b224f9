"""A progress bar on standard error with a rate and the time left; nothing where nobody watches."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[int, int], None]
"""Called with how many are done, and of how many (0 where that is not known)."""


@contextmanager
def bar(title: str) -> Iterator[Progress]:
    """Show a bar while the block runs, once there is something to show."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    rate = TextColumn("{task.fields[rate]:.0f}/s")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        rate,
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task(title, total=None, rate=0.0)

        def show(done: int, total: int) -> None:
            speed = display.tasks[0].speed or 0.0
            display.update(task, completed=done, total=total or None, rate=speed)

        yield show
