"""What is encoded for the memory's sake differs from one content to the next."""

from pathlib import Path

import numpy as np
from PIL import Image

from embedders.items import Strand
from scripts.bench_encoding import varied


def test_texts_all_differ_and_are_as_short_as_asked(tmp_path: Path) -> None:
    given = ["one two three four", "one two three four", "five"]
    texts = varied(Strand.TEXT, given, 50, 2, tmp_path)
    assert len(set(texts)) == len(texts) == 50
    assert texts[:4] == ["one two 0", "one two 1", "five 2", "two three 3"]
    assert varied(Strand.TEXT, given, 2, 0, tmp_path)[0] == "one two three four 0"


def test_pictures_all_differ(tmp_path: Path) -> None:
    paths = []
    for place in range(2):
        paths.append(str(tmp_path / f"{place}.png"))
        pixels = np.random.default_rng(place).integers(0, 256, (40, 30, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(paths[-1])
    (tmp_path / "made").mkdir()
    made = varied(Strand.IMAGE, paths, 7, 0, tmp_path / "made")
    assert len({Path(path).read_bytes() for path in made}) == 7
    for path, size in ((made[0], (30, 40)), (made[-1], (27, 37))):
        with Image.open(path) as opened:
            assert opened.size == size
