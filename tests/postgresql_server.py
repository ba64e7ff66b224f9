"""A PostgreSQL server of the tests' own: in a folder that goes with it, on a port that was free."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from glob import glob
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL

from plait.store.url import store_url
from scripts.served import free_port

PASSWORD = "sealed-word"
"""What must stand in no message, log or file."""
ACCOUNT = "postgres"
"""Whose processes they are where the tests run as root, which PostgreSQL refuses."""


def binary(name: str) -> str | None:
    """Return where a program of the server is, in the path or where Debian puts it."""
    return shutil.which(name) or next(iter(sorted(glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True)), None)


class Server:
    """A server with one role and one database, both called plait; each store gets a schema of its own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="plait-postgresql-"))
        self.port = free_port()
        self._schemas = count(1)
        self._as: dict[str, Any] = {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}
        if self._as:
            shutil.chown(self.folder, ACCOUNT, ACCOUNT)
        secret = self.folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        # An order of texts that is not that of their bytes, as many databases have.
        made = ["-U", "admin", "--pwfile", str(secret), "--auth", "scram-sha-256", "--encoding", "UTF8",
                "--locale", "C.UTF-8", "--locale-provider", "icu", "--icu-locale", "en"]  # fmt: skip
        self._run("initdb", "-D", str(self.folder / "data"), *made)
        self.start()
        with self.connected(user="admin", database="postgres") as admin:
            admin.execute(f"CREATE ROLE plait LOGIN PASSWORD '{PASSWORD}'")
            admin.execute("CREATE DATABASE plait OWNER plait")

    def start(self) -> None:
        """Start it and wait until it answers."""
        program = binary("postgres")
        assert program
        options = ["-p", str(self.port), "-k", str(self.folder), "-c", "listen_addresses=127.0.0.1"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, "-D", str(self.folder / "data"), *options],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._as,
            )
        until = time.monotonic() + 60
        while True:
            try:
                self.connected(user="admin", database="postgres").close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self.folder / "log").read_text(encoding="utf-8")
                assert time.monotonic() < until
                time.sleep(0.05)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends all connections, SIGQUIT is a crash, after which it recovers from its log."""
        self._process.send_signal(how)
        self._process.wait(60)

    def remove(self) -> None:
        """Stop it and remove all that it kept."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder)

    def connected(self, *, user: str = "plait", database: str = "plait") -> "psycopg.Connection[Any]":
        """Return a connection in which each statement is a transaction."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=user, password=PASSWORD, dbname=database, autocommit=True
        )

    def url(self, schema: str = "") -> URL:
        """Return the URL of a store, in a schema that nothing else uses unless one is named."""
        text = f"postgresql+psycopg://plait:{PASSWORD}@127.0.0.1:{self.port}/plait"
        return store_url(text, schema or f"store_{next(self._schemas)}")

    def _run(self, name: str, *arguments: str) -> None:
        program = binary(name)
        assert program
        done = subprocess.run(
            [program, *arguments], cwd=self.folder, capture_output=True, text=True, check=False, **self._as
        )
        assert done.returncode == 0, done.stderr


def text_of(url: URL) -> str:
    """Return a URL as a command is given it, with its password."""
    return url.render_as_string(hide_password=False)
