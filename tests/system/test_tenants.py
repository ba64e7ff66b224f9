"""Several tenants behind one `plait serve`, as real processes: a key chooses, workers share counts, nothing crosses."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from plait.store import Store
from scripts.served import free_port, served, set_service
from tests.copying import copied
from tests.plait.service.test_metrics import samples_of, value
from tests.system.browser import visit
from tests.system.commands import answer_of, run_plait

pytestmark = pytest.mark.system
TENANTS = ("acme", "bell")


@pytest.fixture
def registry(toy_folder: Path, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """Return a folder of two tenants with the toy's workspace, and a key of each."""
    folder, keys = tmp_path / "all", {}
    for name in TENANTS:
        answer_of("tenants", folder, "add", name)
        (folder / name).rmdir()
        copied(toy_folder / "workspace", folder / name)
        keys[name] = answer_of("keys", folder / name, "add", "shop", "--scope", "admin")["key"]
    return folder, keys


def client_of(address: str, key: str) -> httpx.Client:
    return httpx.Client(base_url=address, headers={"X-API-Key": key}, timeout=120)


def loaded(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """Ask until a tenant is loaded, by its first requests: on a busy machine they may be told to come again."""
    until = time.monotonic() + 120
    while (answer := ask()).status_code in (503, 504):
        assert time.monotonic() < until, answer.text
    return answer


def test_nothing_crosses_and_any_worker_tells_the_sum_of_one(
    registry: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    folder, keys = registry
    log = tmp_path / "log"
    with ExitStack() as stack:
        process, address = stack.enter_context(served(folder, "--workers", "2", log=log))
        clients = {name: stack.enter_context(client_of(address, key)) for name, key in keys.items()}
        assert loaded(lambda: clients["acme"].put("/v1/items/mine", json={"title": "ours alone"})).status_code == 200
        for _ in range(20):
            # Each request by a connection of its own may meet another worker.
            with client_of(address, keys["bell"]) as other:
                assert loaded(partial(other.get, "/v1/items/mine")).status_code == 404
        recommend = partial(clients["acme"].get, "/v1/users/user-0/recommendations")
        assert loaded(recommend).status_code == 200
        counts = {name: client.get("/metrics").text for name, client in clients.items()}
        assert 'tenant="bell"' not in counts["acme"]
        assert 'tenant="acme"' not in counts["bell"]
        asked = {"method": "GET", "route": "/v1/items/{item_id}", "status": "404", "tenant": "bell"}
        # A request is counted once its answer is sent, so its sender may be a moment ahead.
        until = time.monotonic() + 60
        metrics = partial(clients["bell"].get, "/metrics")
        while (told := value(samples_of(loaded(metrics).text), "plait_requests_total", **asked)) != 20:
            assert time.monotonic() < until, told
        assert httpx.get(f"{address}/v1/items/mine").status_code == 401
        process.terminate()
        assert process.wait(60) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert {line["tenant"] for line in lines if line.get("tenant")} == set(TENANTS)


@contextmanager
def page_at(html: str) -> Iterator[str]:
    """Serve one page, from a port of its own; give its origin. A page that is no server's may ask none on loopback."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_page_of_one_of_them_collects(
    browser: Browser, registry: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    folder, _ = registry
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    script = f'<script src="{address}/v1/collect.js?tenant=acme" data-key="public" data-user="visitor"></script>'
    body = f'<!doctype html><html lang="en"><body>{script}<a data-plait-item="space-1">Space</a></body></html>'
    with ExitStack() as stack:
        shop = stack.enter_context(page_at(body))
        set_service(folder / "acme", f'collect_origins = ["{shop}"]\ncollect_key = "public"')
        stack.enter_context(served(folder, "--port", str(port), log=tmp_path / "log"))
        seen = stack.enter_context(visit(browser, address, also=(shop,)))
        seen.page.goto(f"{shop}/")
        with seen.page.expect_response(lambda answer: answer.url == f"{address}/v1/collect?tenant=acme") as answer:
            seen.page.click("a")
        assert answer.value.json()["accepted"] >= 1
    for name, events in (("acme", {"click"}), ("bell", set())):
        with Store.open(folder / name / "store.db") as store:
            assert {event.event for event in store.events_of("visitor")} - {"impression"} == events


def test_no_one_process_tends_several(registry: tuple[Path, dict[str, str]]) -> None:
    refused = run_plait("serve", registry[0], "--tend", "--port", 0)
    assert refused.returncode == 2
    assert "holds tenants; expected a `plait tend` for the workspace of each" in refused.stderr
