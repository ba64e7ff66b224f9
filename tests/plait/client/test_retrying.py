"""Retries: what is sent again and what is not, with a transport that fails on purpose."""

from collections.abc import Callable, Sequence

import httpx
import pytest

from plait.client import Busy, Client, Failed, Retries, Unavailable, Unreachable
from plait.service.schemas import EventIn, EventsRequest

QUICK = Retries(times=3, first=0.0)
Answer = httpx.Response | type[httpx.TransportError]
LIKE = EventIn(user_id="anna", item_id="a", event="like")
RECORDED = {"accepted": 1, "duplicates": 0}
MOVED = {"model": 1, "before": 2, "notes": []}


def refusal(status: int, code: str = "busy", **headers: str) -> httpx.Response:
    """Return a refusal of the service."""
    told = {"error": {"code": code, "message": "not now", "request_id": "r"}}
    return httpx.Response(status, json=told, headers={name.replace("_", "-"): value for name, value in headers.items()})


def failing(answers: Sequence[Answer], seen: list[httpx.Request]) -> httpx.MockTransport:
    """Return a transport that gives each answer once."""
    left = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        found = next(left)
        if isinstance(found, httpx.Response):
            return found
        raise found("on purpose")

    return httpx.MockTransport(answer)


@pytest.mark.parametrize("first", [refusal(429), refusal(503), httpx.ConnectError, httpx.ReadError, httpx.ReadTimeout])
def test_events_are_sent_again_as_they_were(first: Answer) -> None:
    seen: list[httpx.Request] = []
    with Client("http://s", retries=QUICK, transport=failing([first, httpx.Response(200, json=RECORDED)], seen)) as c:
        assert c.record([LIKE]).accepted == 1
    assert len(seen) == 2
    assert seen[0].content == seen[1].content
    assert EventsRequest.model_validate_json(seen[0].content).events[0].event_id
    assert seen[0].headers["X-Request-ID"] == seen[1].headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("first", "tries"),
    [(refusal(429), 2), (httpx.ConnectError, 2), (refusal(503), 1), (httpx.ReadError, 1), (refusal(500), 1)],
)
def test_what_would_count_twice_is_sent_again_only_if_it_was_not_taken(first: Answer, tries: int) -> None:
    seen: list[httpx.Request] = []
    with Client("http://s", retries=QUICK, transport=failing([first, httpx.Response(200, json=MOVED)], seen)) as client:
        if tries == 1:
            with pytest.raises(Exception, match=r"request "):
                client.rollback()
        else:
            client.rollback()
    assert len(seen) == tries


@pytest.mark.parametrize(("last", "kind"), [(lambda: refusal(429), Busy), (lambda: refusal(503), Unavailable)])
def test_it_gives_up(last: Callable[[], httpx.Response], kind: type[Exception]) -> None:
    seen: list[httpx.Request] = []
    client = Client("http://s", retries=QUICK, transport=failing([last() for _ in range(9)], seen))
    with client, pytest.raises(kind) as caught:
        client.models()
    assert len(seen) == 4
    assert (getattr(caught.value, "code", ""), getattr(caught.value, "request_id", "")) == ("busy", "r")
    client = Client("http://s", retries=QUICK, transport=failing([httpx.ConnectError] * 4, seen))
    with client, pytest.raises(Unreachable):
        client.models()


def test_waits_double_and_honour_what_is_asked() -> None:
    retries = Retries(times=5, first=1.0, longest=8.0)
    for tried, most in ((1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 8.0)):
        waits = [retries.wait(tried, refusal(503), repeatable=True) for _ in range(300)]
        drawn = [wait for wait in waits if wait is not None]
        assert len(drawn) == 300
        assert 0 <= min(drawn) < most / 4
        assert most * 3 / 4 < max(drawn) <= most
    asked = retries.wait(1, refusal(429, Retry_After="5"), repeatable=False)
    assert asked is not None
    assert 5 <= asked <= 6
    assert retries.wait(1, refusal(429, Retry_After="9"), repeatable=True) is None
    assert retries.wait(6, refusal(429), repeatable=True) is None


def test_an_answer_of_somebody_else_is_a_failure() -> None:
    portal = httpx.Response(200, text="<html>Please log in</html>")
    client = Client("http://s", retries=QUICK, transport=failing([portal], []))
    with client, pytest.raises(Failed, match=r"none of this service's") as caught:
        client.models()
    assert (caught.value.status, caught.value.code) == (200, "unknown")
