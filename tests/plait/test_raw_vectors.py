"""What the ranker weighs of contents: a strand, or of a richer one what the content is."""

from typing import Any

import numpy as np

from embedders.bundles import BUNDLES, make_encoder
from embedders.encoder import Led
from embedders.items import Strand
from plait.raw_vectors import ranker_strands


class SeesMore:
    leading = 2


class OfOne:
    pass


class Workspace:
    """Says of every strand but pictures that its vectors are one thing."""

    def encoder(self, strand: Strand) -> Any:
        return SeesMore() if strand is Strand.IMAGE else OfOne()


def test_what_a_content_is_is_taken_in_unit_rows() -> None:
    pictures = np.asarray([[3.0, 4.0, 0.0, 0.0, 2.0], [0.0, 0.0, 0.0, 0.0, 0.0]], dtype=np.float32)
    texts = np.asarray([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
    workspace: Any = Workspace()
    found = ranker_strands(workspace, {Strand.TEXT: texts, Strand.IMAGE: pictures})
    assert set(found) == {"text", "image"}
    assert found["text"] is texts
    np.testing.assert_allclose(found["image"], [[0.6, 0.8], [0.0, 0.0]])


def test_the_bundled_pictures_see_more_than_what_they_are() -> None:
    spec = BUNDLES["compact"].encoders[Strand.IMAGE]
    encoder = make_encoder(spec)
    assert isinstance(encoder, Led)
    assert encoder.leading == 1280 < spec.dimension
