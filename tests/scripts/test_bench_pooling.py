"""The bench of pooling: neighbours by hand, and attention that is told nothing is the mean."""

import numpy as np

from embedders.spaces import unit
from scripts.bench_pooling import Sounds, _attended, nearest, ways


def sounds() -> Sounds:
    rng = np.random.default_rng(0)
    frames = rng.normal(size=(4, 5, 6)).astype(np.float32)
    means = unit(frames.mean(axis=1))
    names, groups = np.asarray(["dog", "cat", "dog", "cat"]), np.asarray(["a", "a", "b", "b"])
    return Sounds(["one"] * 4, names, groups, frames, means, means, np.zeros(4, np.int64))


def test_the_nearest_of_the_other_groups_is_asked() -> None:
    one = np.eye(2, dtype=np.float32)
    vectors = np.stack([one[0], one[1], one[0], one[0]])
    # "a": the dog finds both of "b", the first is a dog; the cat finds the first too. "b": both find the dog of "a".
    assert nearest(sounds(), {"a": vectors, "b": vectors}) == [0.5, 0.5]
    assert nearest(sounds(), {"b": vectors}) == [0.5]


def test_attention_told_nothing_is_the_mean() -> None:
    given = sounds()
    np.testing.assert_allclose(_attended(given, np.zeros((4, 5), np.float32)), given.means, atol=1e-6)
    sharp = np.zeros((4, 5), np.float32)
    sharp[:, 2] = 100.0
    np.testing.assert_allclose(_attended(given, sharp), unit(given.frames[:, 2]), atol=1e-5)


def test_the_first_way_is_the_mean_for_every_group() -> None:
    name, vectors = next(ways(sounds()))
    assert name == "mean"
    assert set(vectors) == {"a", "b"}
