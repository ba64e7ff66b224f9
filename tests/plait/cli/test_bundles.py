"""plait bundles: what is on this machine and what a download would cost, as people and as programs read it."""

import json
from pathlib import Path

import pytest
from huggingface_hub import constants

from embedders.bundles import BUNDLES, CLAP_SOUNDS, CLIP_PICTURES, QWEN
from tests.embedders.tiny_models import in_hub_cache
from tests.plait.cli.test_lightness import ENCODERS, imported_by
from tests.plait.conftest import Cli


@pytest.fixture(autouse=True)
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def test_nothing_is_here_but_compact(cli: Cli) -> None:
    outcome = cli("bundles", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    told = {bundle["name"]: bundle for bundle in json.loads(outcome.out)["bundles"]}
    assert list(told) == ["compact", "clip", "llm"]
    assert {name: bundle["local"] for name, bundle in told.items()} == {"compact": True, "clip": False, "llm": False}
    # The model that texts and pictures share is fetched once.
    assert told["clip"]["download_bytes"] == CLIP_PICTURES.size + CLAP_SOUNDS.size
    assert told["llm"]["download_bytes"] == QWEN.size
    assert told["compact"]["download_bytes"] == 0
    for name, bundle in told.items():
        for strand, encoder in bundle["encoders"].items():
            spec = BUNDLES[name].encoders[strand]
            assert encoder["dimension"] == spec.dimension
            assert encoder["licence"] in ("Apache-2.0", "MIT")
            assert encoder["download_bytes"] == (0 if encoder["local"] else encoder["size_bytes"])
            assert bool(encoder["path"]) == encoder["local"]
    assert told["llm"]["encoders"]["text"]["query_prompt"].startswith("Instruct: ")
    assert told["llm"]["encoders"]["text"]["document_prompt"] == ""
    assert len(told["llm"]["encoders"]["text"]["revision"]) == 40


def test_what_was_fetched_is_told(cli: Cli, hub: Path, tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.mkdir()
    (made / CLIP_PICTURES.file).write_text("weights")
    snapshot = in_hub_cache(hub, CLIP_PICTURES.model, CLIP_PICTURES.revision, made)
    told = json.loads(cli("bundles", "--json").out)["bundles"][1]
    assert told["download_bytes"] == CLAP_SOUNDS.size
    assert told["encoders"]["image"]["path"] == told["encoders"]["text"]["path"] == str(snapshot)
    assert not told["local"]


def test_people_read_size_licence_and_prompt(cli: Cli) -> None:
    outcome = cli("bundles")
    assert (outcome.code, outcome.err) == (0, "")
    for words in ("1,223 MB to fetch with --allow-download", "1,207 MB", "MIT", "Apache-2.0", "query prompt", "512"):
        assert words in outcome.out
    assert "compact: small networks out of packages; nothing is fetched (on this machine)" in outcome.out


def test_the_list_imports_no_torch() -> None:
    assert imported_by("bundles") & ENCODERS == set()
    assert imported_by("bundles", "--json") & ENCODERS == set()
