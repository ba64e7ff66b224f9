"""Scenarios: settings that exist, under what plait.toml says itself."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.config import FILE, Config, read_config
from plait.errors import BadData
from plait.event_weights import BUILT_IN, event_weight
from plait.recommender import Recommender
from plait.scenarios import SCENARIOS, scenario_text, with_scenario
from tests.plait import toy


def config_of(folder: Path, text: str) -> Config:
    (folder / FILE).write_text(text, encoding="utf-8")
    return read_config(folder)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_what_its_file_says(name: str, tmp_path: Path) -> None:
    config = config_of(tmp_path, f'scenario = "{name}"\n')
    alone = Config.model_validate(tomllib.loads(scenario_text(name)))
    assert config == alone.model_copy(update={"scenario": name})
    assert alone != Config()


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_file_is_annotated_and_an_event_keeps_its_sign(name: str) -> None:
    text = scenario_text(name)
    assert text.startswith("# ")
    events = Config.model_validate(tomllib.loads(text)).events
    for event, weight in events.weights.items():
        assert weight * BUILT_IN.get(event, weight) > 0


def test_what_the_file_says_itself_comes_first(tmp_path: Path) -> None:
    config = config_of(
        tmp_path, 'scenario = "shop"\n[events.weights]\npurchase = 3.0\nlisten = 0.5\n[recommend]\ndiversity = 0.0\n'
    )
    shop = Config.model_validate(tomllib.loads(scenario_text("shop")))
    assert config.events.weights == {**shop.events.weights, "purchase": 3.0, "listen": 0.5}
    assert config.recommend.diversity == 0.0
    assert config.recommend.diversity_method == shop.recommend.diversity_method
    assert event_weight("cart", None, config.events) == 0.9


def test_an_unknown_scenario_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"plait.toml, key scenario is 'zoo'; expected one of '', 'shop', 'video', "):
        config_of(tmp_path, 'scenario = "zoo"\n')
    with pytest.raises(BadData, match="key scenario is 3"):
        config_of(tmp_path, "scenario = 3\n")
    with pytest.raises(BadData, match="key events is 3"):
        config_of(tmp_path, 'scenario = "shop"\nevents = 3\n')


@given(st.dictionaries(st.sampled_from(["view", "click", "other"]), st.floats(-2, 2)), st.sampled_from(SCENARIOS))
def test_a_key_comes_from_the_file_or_else_from_the_scenario(own: dict[str, float], name: str) -> None:
    found = with_scenario({"scenario": name, "events": {"weights": own}})["events"]["weights"]
    theirs = tomllib.loads(scenario_text(name))["events"]["weights"]
    assert set(found) == set(own) | set(theirs)
    assert all(value == own.get(event, theirs.get(event)) for event, value in found.items())


def test_a_first_build_reads_a_scenario_that_is_there(tmp_path: Path, toy_files: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / FILE).write_text('scenario = "shop"\n', encoding="utf-8")
    refunds = [{**toy.interactions()[0], "event": "refund", "timestamp": "1750000000"}]
    vectors = {"text": toy_files / "vectors.npy"}
    Recommender.build(folder, items=toy.items(), interactions=refunds, vectors=vectors)
    assert (folder / FILE).read_text(encoding="utf-8") == 'scenario = "shop"\n'
