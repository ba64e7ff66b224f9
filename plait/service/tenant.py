"""Tenant: an open workspace with an application of its own, within that of the service of tenants."""

import os
from contextlib import ExitStack
from pathlib import Path

from plait.errors import BadData
from plait.recommender import Recommender
from plait.service.app import create_app
from plait.tenants import Identity, Quota, identity_of


class Tenant:
    """An open workspace with its application, and how many requests it is at. `folder` is which one was opened."""

    def __init__(self, place: Path, name: str, quota: Quota, folder: Identity | None, *, keyed: bool) -> None:
        """Open it. Raises what hinders that, with nothing left open; BadData where the folder is another by now."""
        self.name = name
        self.quota = quota
        self.folder = folder
        self._inside = 0
        with ExitStack() as stack:
            # While this is open no other folder gets the same number.
            handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, handle)
            if identity_of(handle) != folder:
                raise BadData("the tenant's folder was exchanged just now; come again")
            self.recommender = Recommender.open(place, beside=True)
            stack.callback(self.recommender.workspace.store.close)
            self.app = create_app(self.recommender, keyed=keyed, tenant=name, quota=quota)
            stack.callback(self.app.state.close)
            # An application within another has no life of its own: this begins and ends what its own would.
            self.app.state.serving.warmth.begin()
            self.app.state.serving.watch.begin()
            self._held = stack.pop_all()

    @property
    def idle(self) -> bool:
        """Whether no request is with it."""
        return not self._inside

    def enter(self) -> None:
        """Have one request more."""
        self._inside += 1

    def leave(self) -> None:
        """Have one request less."""
        self._inside -= 1

    def close(self) -> None:
        """Let what has begun end, and give the memory back."""
        self._held.close()
