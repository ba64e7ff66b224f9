"""The strands of real catalogues, encoded by the bundled models, find each other."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from embedders.bridge import Bridge, make_bridge
from embedders.bundles import LITE0_PICTURES, LITE0_SOUNDS, MINILM, make_encoder
from embedders.cnn import ImageCnnEncoder
from embedders.encoder import Vectors
from embedders.fit_fusion import fit_fusion
from embedders.fusion import Fusion
from embedders.items import Strand
from tests.embedders.planted import rank_of_own

TEXT, IMAGE, AUDIO = Strand.TEXT, Strand.IMAGE, Strand.AUDIO
DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the data of ../shared/data is not on this machine")


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / name / "items.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def stamps() -> dict[Strand, Vectors]:
    rows = [row for row in rows_of("stamps") if row["image"]][::3]
    return {
        TEXT: make_encoder(MINILM).encode([row["title"] for row in rows]),
        IMAGE: make_encoder(LITE0_PICTURES).encode([str(DATA / "stamps" / row["image"]) for row in rows]),
    }


@cache
def sounds() -> tuple[dict[Strand, Vectors], np.ndarray]:
    rows = [row for row in rows_of("sounds") if row["source"] == "esc10" and row["group"] in {"fold1", "fold2"}]
    vectors = {
        TEXT: make_encoder(MINILM).encode([row["title"] for row in rows]),
        AUDIO: make_encoder(LITE0_SOUNDS).encode([str(DATA / "sounds" / row["audio"]) for row in rows]),
    }
    return vectors, np.asarray([row["categories"] for row in rows])


@cache
def bridge() -> Bridge:
    pictures = make_encoder(LITE0_PICTURES)
    assert isinstance(pictures, ImageCnnEncoder)
    head = pictures.class_head()
    assert head is not None
    return make_bridge(head, make_encoder(MINILM))


def hidden_texts(vectors: dict[Strand, Vectors], hidden: np.ndarray) -> dict[Strand, Vectors]:
    known = {strand: rows.copy() for strand, rows in vectors.items()}
    known[TEXT][hidden] = 0.0
    return known


def scores_of(fusion: Fusion, texts: Vectors, items: Vectors) -> np.ndarray:
    query = fusion.query({TEXT: texts})
    return query.rescore(np.broadcast_to(items, (len(query), *items.shape))).scores


def recall(fusion: Fusion, known: dict[Strand, Vectors], hidden: np.ndarray) -> tuple[float, float]:
    """Return Recall@10 of the hidden items by their texts, among the hidden and in the whole catalogue."""
    scores = scores_of(fusion, stamps()[TEXT][hidden], fusion.fuse(known))
    within = rank_of_own(scores[:, hidden], np.arange(len(hidden))) <= 10
    return float(within.mean()), float((rank_of_own(scores, hidden) <= 10).mean())


def test_captions_find_stamps_whose_caption_is_hidden() -> None:
    count = len(stamps()[TEXT])
    figures = []
    for seed in range(3):
        hidden = np.random.default_rng(seed).permutation(count)[: round(0.3 * count)]
        known = hidden_texts(stamps(), hidden)
        figures.append(recall(fit_fusion(known, bridges={IMAGE: bridge()}), known, hidden))
    among_hidden, in_all = np.mean(figures, axis=0)
    assert among_hidden > 0.75  # by chance .2
    assert in_all > 0.55


def test_the_bridge_alone_finds_stamps_without_any_pair() -> None:
    fusion = fit_fusion({IMAGE: stamps()[IMAGE]}, bridges={IMAGE: bridge()})
    scores = scores_of(fusion, stamps()[TEXT], fusion.fuse({IMAGE: stamps()[IMAGE]}))
    assert (rank_of_own(scores, np.arange(len(scores))) <= 10).mean() > 0.35  # by chance .06


def test_captions_find_sounds_of_their_class() -> None:
    vectors, classes = sounds()
    hidden = np.arange(0, len(classes), 3)
    known = hidden_texts(vectors, hidden)
    fusion = fit_fusion(known)
    scores = scores_of(fusion, vectors[TEXT][hidden], fusion.fuse(known))[:, hidden]
    nearest = hidden[np.argsort(-scores, axis=1)[:, :4]]
    assert (classes[nearest] == classes[hidden][:, None]).mean() > 0.85  # by chance .1
