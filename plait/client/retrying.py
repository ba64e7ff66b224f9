"""Retrying: which calls are sent again, and how long is waited before that."""

import random
from dataclasses import dataclass

import httpx

UNTAKEN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""What happens before anything was sent."""


@dataclass(frozen=True, slots=True)
class Retries:
    """At most `times` more tries, the n-th after a wait drawn from 0 to `first * 2**(n - 1)` seconds.

    That is full jitter: those who were sent away together do not come back together. No wait is above `longest`; where
    the service asks for a longer one by Retry-After, the call fails at once and the caller decides.
    """

    times: int = 3
    first: float = 0.25
    longest: float = 30.0

    def wait(self, tried: int, happened: httpx.Response | httpx.TransportError, *, repeatable: bool) -> float | None:
        """Return the seconds before the next try, None for no other; `tried` counts from 1."""
        if tried > self.times or not _may(happened, repeatable):
            return None
        drawn = random.uniform(0, min(self.longest, self.first * 2 ** (tried - 1)))  # noqa: S311 - no secret
        asked = _retry_after(happened)
        return None if asked > self.longest else asked + drawn


def _may(happened: httpx.Response | httpx.TransportError, repeatable: bool) -> bool:
    if isinstance(happened, httpx.TransportError):
        return isinstance(happened, UNTAKEN) or repeatable
    # A 429 was sent away before anything was done; behind a 503 something may have been.
    return happened.status_code == 429 or (happened.status_code == 503 and repeatable)


def _retry_after(happened: httpx.Response | httpx.TransportError) -> float:
    """Return the seconds that an answer asks for, 0 for none; the service never sends a date."""
    text = happened.headers.get("Retry-After", "") if isinstance(happened, httpx.Response) else ""
    return float(text) if text.isascii() and text.isdecimal() else 0.0
