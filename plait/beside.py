"""Beside: something made by a thread, while whoever wants it goes on with what there is."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Beside(Generic[Made]):
    """What `make` returns, once it has returned."""

    def __init__(self, make: Callable[[], Made]) -> None:
        """Start the thread."""
        self._make, self._made = make, list[Made]()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="loading", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._made.append(self._make())
        except Exception as error:  # whatever it is, it is raised to the one who asks
            self._error = error

    def done(self) -> bool:
        """Return whether `result` would not wait."""
        return not self._thread.is_alive()

    def result(self) -> Made:
        """Return what was made, or raise what `make` raised; waits for it."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._made[0]
