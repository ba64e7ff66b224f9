"""Clock of a training: the time left, and what each step took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Clock:
    """`deadline` is of time.monotonic, None without one; `seconds` is what each step that is over took, by its name."""

    deadline: float | None
    tell: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def until(cls, deadline: float | None, tell: Callable[[str], None]) -> "Clock":
        """Return a clock that starts now; without a deadline nothing is ever short of time."""
        return cls(deadline, tell)

    def left(self) -> float:
        """Return the seconds until the deadline, infinity without one."""
        return float("inf") if self.deadline is None else self.deadline - time.monotonic()

    def share(self, share: float, reserve: float = 0.0) -> float | None:
        """Return the moment at which `share` of the time left, but for `reserve` seconds, will be used."""
        if self.deadline is None:
            return None
        return time.monotonic() + share * max(self.left() - reserve, 0.0)

    def say(self, text: str) -> None:
        """Say what is being learnt, with the time left."""
        self.tell(text if self.deadline is None else f"{text}; {max(self.left(), 0.0):.0f} s left")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Say that a step begins, and keep what it took."""
        self.say(name)
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 2)
