"""The shop's own server: its two files, and recommendations asked of Plait: `python server.py http://127.0.0.1:8000`."""

import os
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from plait.client import Client


class Shop(SimpleHTTPRequestHandler):
    """Serves the folder it stands in."""

    def __init__(self, request: Any, address: Any, server: BaseServer, *, client: Client) -> None:
        self._client = client
        super().__init__(request, address, server, directory=str(Path(__file__).parent))

    def do_GET(self) -> None:
        """Answer a page, or recommendations."""
        asked = urlsplit(self.path)
        if asked.path != "/recommendations":
            super().do_GET()
            return
        user = parse_qs(asked.query).get("user", ["nobody"])[0]
        content = self._client.recommend(user, limit=8).model_dump_json().encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


def server(plait: str, port: int = 8080) -> ThreadingHTTPServer:
    """Return the shop's server, at port 0 any free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(Shop, client=Client(plait, os.environ.get("PLAIT_KEY"))))


if __name__ == "__main__":
    server(sys.argv[1]).serve_forever()
