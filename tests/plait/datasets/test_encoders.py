"""The bundled encoders tell the families apart in each strand, and not perfectly: what the strengths were set for."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from embedders.bundles import BUNDLES, make_encoder
from embedders.items import Strand
from plait.datasets.plan import StudioPlan
from plait.datasets.studio import write_studio

Vectors = NDArray[np.float32]
ENCODERS = BUNDLES["compact"].encoders
pytestmark = pytest.mark.skipif(not BUNDLES["compact"].local, reason="the bundled weights are not installed")


def encoded(strand: Strand, contents: list[str]) -> Vectors:
    return make_encoder(ENCODERS[strand]).encode(contents)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StudioPlan]:
    folder = tmp_path_factory.mktemp("tellable")
    return folder, write_studio(folder, items=132, listeners=5)


@pytest.fixture(scope="module")
def covers(catalogue: tuple[Path, StudioPlan]) -> dict[str, NDArray[np.float32]]:
    folder, plan = catalogue
    return dict(
        zip(plan.shown, encoded(Strand.IMAGE, [str(folder / f"covers/{i}.jpg") for i in plan.shown]), strict=True)
    )


@pytest.fixture(scope="module")
def texts(catalogue: tuple[Path, StudioPlan]) -> dict[str, NDArray[np.float32]]:
    folder, plan = catalogue
    lines = (folder / "items.csv").read_text(encoding="utf-8").splitlines()
    told = {line.split(",", 1)[0]: line.split(",covers/")[0].split(",sounds/")[0] for line in lines}
    return dict(zip(plan.told, encoded(Strand.TEXT, [told[item][5:] for item in plan.told]), strict=True))


def nearest_is_right(vectors: dict[str, NDArray[np.float32]], named: dict[str, str]) -> float:
    table = np.stack(list(vectors.values()))
    likeness = table @ table.T
    np.fill_diagonal(likeness, -2.0)
    families = np.array([named[item] for item in vectors])
    return float((families[likeness.argmax(axis=1)] == families).mean())


def test_covers_tell_the_family(covers: dict[str, Vectors], catalogue: tuple[Path, StudioPlan]) -> None:
    _, plan = catalogue
    assert 0.6 < nearest_is_right(covers, dict(plan.families)) < 0.95
    assert nearest_is_right(covers, dict(plan.shown)) > 0.8


def test_sounds_tell_the_family(catalogue: tuple[Path, StudioPlan]) -> None:
    folder, plan = catalogue
    vectors = encoded(Strand.AUDIO, [str(folder / f"sounds/{item}.flac") for item in plan.heard])
    heard = dict(zip(plan.heard, vectors, strict=True))
    assert 0.6 < nearest_is_right(heard, dict(plan.families)) < 0.95
    assert nearest_is_right(heard, dict(plan.heard)) > 0.9


def test_words_tell_the_family(texts: dict[str, Vectors], catalogue: tuple[Path, StudioPlan]) -> None:
    _, plan = catalogue
    assert 0.55 < nearest_is_right(texts, dict(plan.families)) < 0.95


def test_a_ridge_leads_from_words_to_covers_without_words(
    covers: dict[str, Vectors], texts: dict[str, Vectors], catalogue: tuple[Path, StudioPlan]
) -> None:
    _, plan = catalogue
    both = [item for item in covers if item in texts]
    pictures, words = (np.stack([strand[item] for item in both]) for strand in (covers, texts))
    middle, centre = pictures.mean(axis=0), words.mean(axis=0)
    gram = (pictures - middle) @ (pictures - middle).T + np.eye(len(both), dtype=np.float32)
    weights = (pictures - middle).T @ np.linalg.solve(gram, words - centre)
    bare = np.stack([covers[item] - middle for item in plan.picture_only]) @ weights
    bare /= np.linalg.norm(bare, axis=1, keepdims=True)
    asked = encoded(Strand.TEXT, [words for words, _ in plan.queries]) - centre
    families = np.array([plan.families[item] for item in plan.picture_only])
    right = wanted = 0
    for scores, (_, family) in zip(asked @ bare.T, plan.queries, strict=True):
        many = int((families == family).sum())
        right += int((families[np.argsort(-scores)[:many]] == family).sum())
        wanted += many
    assert right > 0.6 * wanted
