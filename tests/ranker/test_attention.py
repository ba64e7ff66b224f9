"""Attention: what each setting does, by hand; and that what is learnt is read in numpy as torch learnt it."""

import numpy as np
import pytest
import torch

from ranker.attention import DESIGN, PLAIN, Attention
from ranker.attention_network import AttentionNetwork, _batch, fit_attention
from ranker.attention_search import choose_attention, surprise
from ranker.hold_out import hold_out
from ranker.interactions import Floats, Interactions
from ranker.positions import likings
from ranker.profile import pool_profiles
from tests.ranker.logs import history, log, random_log, unit_rows


def shares(attention: Attention, *entries: tuple[int, float], vectors: Floats) -> list[float]:
    recent = history(*entries).recent(9)
    found = pool_profiles(recent, vectors[recent.items], time_constant=2.0, attention=attention)
    return [round(share, 4) for share in found.attention[0].tolist()]


def test_plain_attention_is_the_recency_weighted_mean() -> None:
    # Newest first: .5 x 1, 1 x 2/3, 1 x 1/2.
    found = shares(PLAIN, (0, 1.0), (1, 1.0), (2, 0.5), vectors=unit_rows(4, 3))
    assert found == pytest.approx([0.3, 0.4, 0.3], abs=1e-4)


def test_liking_fade_and_age() -> None:
    vectors = np.tile(unit_rows(1, 3), (3, 1))
    even = Attention(sharpness=0.0, liking=0.0, fade=0.0)
    assert shares(even, (0, 1.0), (1, 0.1), vectors=vectors) == [0.5, 0.5]
    stronger = Attention(sharpness=0.0, liking=2.0, fade=0.0)
    assert shares(stronger, (0, 1.0), (1, 0.5), vectors=vectors) == [0.2, 0.8]
    by_place = Attention(sharpness=0.0, fade=1.0, place_constant=1.0)
    assert shares(by_place, (0, 1.0), (1, 1.0), vectors=vectors) == [0.6667, 0.3333]
    recent = history((0, 1.0), (1, 1.0)).recent(9)
    recent.ages[0] = [0.0, 3 * 86_400.0]
    by_age = Attention(sharpness=0.0, fade=0.0, ageing=1.0)
    found = pool_profiles(recent, vectors[recent.items], time_constant=2.0, attention=by_age).attention[0]
    assert found == pytest.approx([0.8, 0.2])


def test_a_learnt_map_draws_attention_to_what_it_names() -> None:
    vectors = np.eye(3, dtype=np.float32)
    query, key = np.full((3, 1), 5.0, np.float32), np.asarray([[1.0], [0.0], [0.0]], np.float32)
    named = Attention(sharpness=0.0, fade=0.0, query=query, key=key)
    found = shares(named, (0, 1.0), (1, 1.0), (2, 1.0), vectors=vectors)
    assert found[2] > 0.9


def test_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="query and key"):
        Attention(query=np.zeros((3, 1), np.float32), key=np.zeros((3, 2), np.float32))
    with pytest.raises(ValueError, match="fade is -1"):
        Attention(fade=-1.0)
    narrow = Attention(query=np.ones((3, 1), np.float32), key=np.ones((3, 1), np.float32))
    with pytest.raises(ValueError, match="learnt for 3"):
        shares(narrow, (0, 1.0), vectors=np.eye(4, dtype=np.float32))


def test_numpy_reads_what_torch_learnt() -> None:
    told, vectors = random_log(3, 8, 40, seed=2), unit_rows(8, 5)
    positions, chosen = likings(told, most=99, seed=0), np.arange(9)
    network = AttentionNetwork(5, 2, Attention(sharpness=3.0, ageing=0.2), 4.0)
    expected = network.profiles(_batch(positions, chosen, torch.from_numpy(vectors))).detach().numpy()
    recent = positions.before(chosen, 50)
    found = pool_profiles(
        recent, vectors[np.maximum(recent.items, 0)], time_constant=99.0, attention=network.attention()
    )
    liked = found.attention.sum(axis=1) > 0
    assert liked.any()
    assert found.vectors[liked] == pytest.approx(expected[liked], abs=1e-4)


def walks() -> tuple[Interactions, Floats]:
    """Return walks around a circle of 40 items, a few steps onward each time: the newest item tells most by far."""
    rng = np.random.default_rng(1)
    angles = np.arange(40) * (2 * np.pi / 40)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    events = []
    for user in range(40):
        line = (rng.integers(0, 40) + np.cumsum(rng.integers(2, 5, 10))) % 40
        events += [(user, int(item), float(time), 1.0) for time, item in enumerate(line)]
    return log(*events, users=40, items=40), vectors


def test_learning_makes_held_out_likings_likelier() -> None:
    told, vectors = walks()
    held = hold_out(told, 0)
    learnt = fit_attention(held.before, vectors, start=DESIGN, time_constant=4.0, rank=4, epochs=6, seed=0)
    losses = [surprise(held, vectors, each, history=50, time_constant=4.0) for each in (DESIGN, learnt)]
    assert losses[1] < losses[0]
    assert choose_attention(held, vectors, [DESIGN, learnt], history=50, time_constant=4.0) is learnt


def test_one_seed_one_attention() -> None:
    told, vectors = walks()
    one, again, other = (
        fit_attention(told, vectors, start=DESIGN, time_constant=4.0, rank=4, epochs=1, seed=seed) for seed in (0, 0, 1)
    )
    assert np.array_equal(one.query, again.query)
    assert one.place_constant == again.place_constant
    assert not np.array_equal(one.query, other.query)


def test_nothing_to_learn_from() -> None:
    nothing = log((0, 0, 1.0, 1.0), items=3)
    assert fit_attention(nothing, unit_rows(3, 4), start=PLAIN, time_constant=2.0) is PLAIN
    held = hold_out(nothing, 0)
    assert surprise(held, unit_rows(3, 4), PLAIN, history=5, time_constant=2.0) == 0
    with pytest.raises(ValueError, match="no attention"):
        choose_attention(held, unit_rows(3, 4), [], history=5, time_constant=2.0)
