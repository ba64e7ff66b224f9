"""State: whether the service lives, and whether it can answer."""

from typing import Literal

from plait.service.schemas.form import Answered


class Health(Answered):
    """It lives."""

    status: Literal["ok"]


class Ready(Answered):
    """It can answer: what is loaded, and whether it asks for a key; neither of a service of tenants, who differ."""

    status: Literal["ready"]
    model: str | None = None
    keyed: bool | None = None
