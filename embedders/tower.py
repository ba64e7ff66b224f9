"""Tower: what the text tower of a picture or sound model says of texts, in the space of its pictures or sounds."""

from dataclasses import dataclass

import numpy as np

from embedders.bridge import Bridge
from embedders.encoder import Encoder, Vectors
from embedders.spaces import Affine, centre, present, principal_axes, sample, sample_places

TOWER_DIMENSION = 192
"""Of the own block of a strand whose model has a tower: nearly all of its space, as nothing else need be learnt."""
SHARPNESS = 3.0
"""Of the bridge, in deviations of the cosines: that of CLIP's own temperature on photographs and captions."""


@dataclass(frozen=True, slots=True)
class Tower:
    """n items' texts as the tower encodes them, `texts` (n, p), zero rows where an item has none.

    Where no item has a text, `words` (k, p) stand for what may be asked, and `word_texts` (k, d) are the same words
    as the text encoder encodes them; both have no rows otherwise.
    """

    texts: Vectors
    words: Vectors
    word_texts: Vectors


def make_words(tower: Encoder, text_encoder: Encoder, words: tuple[str, ...]) -> Tower:
    """Return the tower of a catalogue without texts, in which `words` stand for what may be asked."""
    nothing = np.zeros((0, tower.dimension), np.float32)
    return Tower(nothing, tower.encode(words), text_encoder.encode(words))


def tower_bridge(tower: Tower, texts: Vectors | None, rows: Vectors) -> Bridge:
    """Return the bridge that a tower is: texts of the catalogue, weighed by how near the tower finds them.

    Maps raw `rows` (n, p) of the strand to the space of raw `texts` (n, d), centred, as pictures and texts lie in
    two corners of one space (Liang et al., "Mind the gap", 2022). No pair of an item is looked at.
    """
    if texts is None:
        places = sample_places(tower.word_texts)
        names, weight = tower.word_texts[places], tower.words[places]
    else:
        places = sample_places(texts)
        names, weight = texts[places], tower.texts[places]
    some = sample(rows)
    cosines = (some - centre(some)) @ weight.T
    deviation = float((cosines - cosines.mean(axis=0)).std())
    scale = SHARPNESS / deviation if deviation > 1e-6 else 1.0
    bias = np.asarray(-scale * (weight @ centre(some)), dtype=np.float32)
    return Bridge(weight, bias, scale, names)


def tower_axes(tower: Tower, rows: Vectors) -> Affine:
    """Return the map of raw rows (n, p) to the own block of their strand: axes along which pictures or texts differ."""
    some, asked = sample(rows), sample(tower.texts if present(tower.texts).any() else tower.words)
    both = np.concatenate([some - centre(some), asked - centre(asked)])
    return Affine(centre(some), principal_axes(both, TOWER_DIMENSION).matrix)
