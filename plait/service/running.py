"""Running: the service's processes, from the socket they share to the signal that stops them."""

import ipaddress
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from plait.errors import WrongCall
from plait.service.app import app_of
from plait.service.connections import BoundedProtocol, allow_files
from plait.service.keys import read_keys
from plait.service.leaving import gone_in_time
from plait.service.logs import write_to_stderr
from plait.service.shared_metrics import shared_by_workers
from plait.service.tenancy import Tenancy
from plait.service.tending import tended
from plait.service.threads import compute_alone
from plait.service.tracing import check_tracing
from plait.service.workers import Workers, end_with_parent
from plait.service_settings import Service
from plait.store import Store
from plait.tenants import is_registry
from plait.workspace import Workspace

POLL_SECONDS = 0.2
HUNG_SECONDS = 60
"""A worker that does not answer its parent for so long is replaced; loading models holds it up for some seconds. One
that is to take another's place has as long to load them."""
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - how to reach what listens everywhere


def run(
    folder: Path, *, host: str, port: int, workers: int, keyed: bool, ready: Callable[[str], None], tend: bool = False
) -> None:  # fmt: skip
    """Serve a workspace, or a folder of tenants, until SIGTERM or SIGINT, then let what has begun end.

    `ready` is told the address. Port 0 is any free one. Several workers share the socket and the store; one that dies
    is begun again, and SIGHUP replaces them. With `tend` one more process keeps the workspace. Raises WrongCall where
    there is no workspace, where the address cannot be had, where others could reach a service that is to ask for keys
    while there is none, and where tenants are to be tended by one process.
    """
    needs_keys = keyed and not _is_loopback(host)
    settings = _settings_of(folder, host, needs_keys=needs_keys, tend=tend)
    tending = tended(folder, stop_seconds=settings.stop_seconds) if tend else nullcontext()
    with _listening(host, port) as listener, tending:
        address = (EVERYWHERE.get(host, host), listener.getsockname()[1])
        shown = f"[{host}]" if ":" in host else host
        threading.Thread(
            target=_tell_when_ready, args=(*address, partial(ready, f"http://{shown}:{address[1]}")), daemon=True
        ).start()
        config = uvicorn.Config(
            partial(served, folder, keyed=keyed, needs_keys=needs_keys), factory=True, workers=workers, lifespan="on",
            access_log=False, log_config=None, server_header=False, http=BoundedProtocol, ws="none",
            timeout_graceful_shutdown=settings.stop_seconds,
            timeout_worker_healthcheck=HUNG_SECONDS,
        )  # fmt: skip
        write_to_stderr()
        if workers > 1:
            with shared_by_workers():
                # Who takes a place beside others that answer takes no request before it can answer itself.
                Workers(
                    config, [listener], partial(served, folder, keyed=keyed, needs_keys=needs_keys, warm=True)
                ).run()
        else:
            # uvicorn raises the signal again once it has stopped: to be told to stop is no failure.
            for each in (signal.SIGTERM, signal.SIGINT):
                signal.signal(each, _stop_quietly)
            uvicorn.Server(config).run(sockets=[listener])


def served(folder: Path, *, keyed: bool, needs_keys: bool, warm: bool = False) -> ASGIApp:
    """Return the application of one process, of a workspace or of tenants, which logs to its standard error.

    One of a workspace that is to be `warm` begins when it can answer. The process is gone in time once it is to stop.
    """
    write_to_stderr()
    allow_files()
    end_with_parent()
    compute_alone()
    if is_registry(folder):
        return gone_in_time(Tenancy(folder, keyed=keyed, needs_keys=needs_keys).app)
    return gone_in_time(app_of(folder, keyed=keyed, warm=warm))


def _settings_of(folder: Path, host: str, *, needs_keys: bool, tend: bool) -> Service:
    if is_registry(folder):
        if tend:
            raise WrongCall(f"--tend: {folder} holds tenants; expected a `plait tend` for the workspace of each")
        check_tracing(Service())
        return Service()
    workspace = Workspace.open(folder)
    with workspace.store:
        check_tracing(workspace.config.service)
        if needs_keys:
            _check_keys(workspace.store, host)
        return workspace.config.service


def _check_keys(store: Store, host: str) -> None:
    keys = read_keys(store)
    if keys is None or not keys.by_name:
        said = "make one with `plait keys WORKSPACE add NAME`, or say --no-keys"
        raise WrongCall(f"--host {host}: others reach it, and there is no key; {said}")


def _is_loopback(host: str) -> bool:
    """Return whether only this machine reaches an address; a name that is none is taken for one that others reach."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _stop_quietly(number: int, frame: FrameType | None) -> None:
    """Do nothing: the server has stopped by then."""


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises WrongCall."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise WrongCall(f"cannot listen at {host} port {port}: {error}") from error
    listener.set_inheritable(True)
    return listener


def _tell_when_ready(host: str, port: int, tell: Callable[[], None]) -> None:
    """Ask /ready until it is, then tell."""
    while True:
        with suppress(OSError, HTTPException):
            connection = HTTPConnection(host, port, timeout=10)
            try:
                connection.request("GET", "/ready")
                if connection.getresponse().status == 200:
                    tell()
                    return
            finally:
                connection.close()
        time.sleep(POLL_SECONDS)
