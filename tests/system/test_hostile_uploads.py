"""Hostile uploads: the whole corpus is sent to `plait serve` for real; each is answered or refused, and it goes on."""

import json
from pathlib import Path

import httpx
import pytest

from plait.service.documented import SENDS
from scripts.served import children_of, served
from tests.embedders.hostile_media import make_corpus
from tests.embedders.test_hostile_media import LENIENT, READABLE
from tests.waiting import eventually

TOO_LONG = {"hour.flac"}
"""What a build reads, and an upload may not be."""
pytestmark = pytest.mark.system
ROUTES = ("/v1/search", "/v1/cold-start")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, bytes]]:
    """Return the field and the content of every file of the corpus that can be sent."""
    folder = tmp_path_factory.mktemp("hostile") / "media"
    folder.mkdir()
    strands = make_corpus(folder)
    return {
        name: (strand.value, (folder / name).read_bytes())
        for name, strand in strands.items()
        if (folder / name).is_file() and not (folder / name).is_symlink()
    }


def test_each_is_answered_or_refused_and_the_service_goes_on(
    workspace: Path, tmp_path: Path, corpus: dict[str, tuple[str, bytes]]
) -> None:
    assert len(corpus) > 80
    log, settings = tmp_path / "log", workspace / "plait.toml"
    # The toy has no pictures: the network is loaded by the first that is sent, on a machine that may be busy.
    patient = "seconds = 300\nslow_seconds = 600\ndecode_seconds = 300"
    settings.write_text(settings.read_text().replace("[service] ", f"[service]\n{patient}\n# "))
    with served(workspace, log=log) as (process, address), httpx.Client(base_url=address, timeout=600) as client:
        for name, (field, content) in corpus.items():
            for route in ROUTES:
                answer = client.post(route, files={field: (f"../../{name}", content, "image/png")})
                assert answer.status_code in (200, *SENDS), name
                assert answer.status_code < 500, (name, answer.text)
                if answer.status_code != 200:
                    said = answer.json()["error"]
                    assert (answer.status_code, said["code"]) == (422, "bad_medium"), (name, answer.text)
                    assert said["message"].startswith(f"{field} ")
                    assert len(said["message"]) < 250
                assert (answer.status_code == 200) >= (name in READABLE - TOO_LONG), (name, answer.text)
                assert (answer.status_code == 200) <= (name in (READABLE | LENIENT) - TOO_LONG), name
            assert client.get("/health").status_code == 200
        words = client.post("/v1/search", json={"text": "a boat at sea"})
        assert (words.status_code, len(words.json()["items"])) == (200, 10)
        decoders = children_of(process.pid)
        assert len(decoders) in (1, 2)
        process.terminate()
        assert process.wait(60) == 0
    eventually(lambda: not any(Path(f"/proc/{number}").exists() for number in decoders))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    # "refused" is /ready, until it is.
    assert {line["event"] for line in lines} <= {"request", "refused"}, "no decoder was replaced, or wrote to the log"
