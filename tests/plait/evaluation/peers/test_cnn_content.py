"""CNN-content: word pieces, lots, the convolutions beside a loop, and items that nobody has met."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from index import IdMap
from plait.evaluation.peers import cnn_content
from plait.evaluation.peers.cnn_content import CnnContent, lots
from plait.evaluation.peers.recent_reading import Likings
from plait.evaluation.peers.text_cnn_network import WIDTHS, TextCnn
from plait.evaluation.peers.word_pieces import word_pieces
from plait.evaluation.splitters import last_liked
from ranker.interactions import Histories
from tests.plait.evaluation.logs import checkerboard
from tests.plait.evaluation.peers.content_items import clouds, texts


def test_pieces_of_the_same_word_share_a_vector() -> None:
    pieces = word_pieces(["the sea", "", "sea of the sea and more"], length=5)
    assert pieces.codes.shape == (3, 5)
    assert (pieces.codes[1] == 0).all()
    assert pieces.codes[0, 1] == pieces.codes[2, 0] == pieces.codes[2, 3] > 0
    assert pieces.codes[0, 0] == pieces.codes[2, 2]
    assert (pieces.codes[0, 2:] == 0).all()
    assert pieces.vectors.shape == (1 + 4, 384)
    assert not pieces.vectors[0].any()
    assert pieces.vectors[1:].any(axis=1).all()


def test_a_broken_character_and_no_texts_are_no_error() -> None:
    assert (word_pieces(["sea \ud800"], length=4).codes[0] > 0).any()
    assert word_pieces([], length=4).codes.shape == (0, 4)
    assert word_pieces(["", ""], length=4).vectors.shape == (1, 384)


@given(st.lists(st.integers(0, 19), min_size=1, max_size=60), st.integers(1, 25), st.integers(0, 3))
def test_each_liking_comes_once_in_the_lot_of_its_item(items: list[int], size: int, seed: int) -> None:
    count = len(items)
    histories = Histories(
        np.asarray([0, count]), np.asarray(items), np.zeros(count), np.ones(count, np.float32), np.zeros(1)
    )
    likings = Likings.of(histories)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cnn_content, "CANDIDATES", size)
        found = list(lots(likings, 20, np.random.default_rng(seed)))
    assert sorted(np.concatenate([lot for lot, _ in found]).tolist()) == list(range(20))
    assert sorted(np.concatenate([liked for _, liked in found]).tolist()) == list(range(count))
    for lot, liked in found:
        assert len(lot) <= size
        assert np.isin(likings.targets[liked], lot).all()


def test_the_strongest_answer_beside_a_loop() -> None:
    pieces = word_pieces(["the sea", "the hill of the goat and more", "meadow", "ship of the harbour"], length=6)
    torch.manual_seed(0)
    network = TextCnn(pieces).eval()
    found = network.encode(torch.arange(4))
    for row, codes in enumerate(pieces.codes):
        tokens = network.narrow(torch.from_numpy(pieces.vectors[codes[codes > 0]]) * network.scale)
        heard = []
        for width, convolve in zip(WIDTHS, network.filters, strict=True):
            padded = torch.nn.functional.pad(tokens, (0, 0, width // 2, width // 2))
            weight, bias = (parameter for _, parameter in convolve.named_parameters())
            steps = [padded[at : at + width].T for at in range(len(padded) - width + 1)]
            answers = torch.stack([(weight * step).sum((1, 2)) + bias for step in steps])
            heard.append(torch.relu(answers).amax(0))
        torch.testing.assert_close(found[row], network.head(torch.cat(heard)), rtol=1e-4, atol=1e-5)


def test_a_text_is_read_alike_beside_longer_ones_and_an_empty_one_says_nothing() -> None:
    torch.manual_seed(0)
    network = TextCnn(word_pieces(["sea", "the hill of the goat", ""], length=6)).eval()
    together = network.encode(torch.arange(3))
    for row in range(3):
        torch.testing.assert_close(network.encode(torch.tensor([row]))[0], together[row])
    torch.testing.assert_close(together[2], network.head.bias)


def test_items_nobody_met_are_ranked_by_their_texts() -> None:
    """Items 14 and 15 are in no event; readers of the sea like 14 better than 15, readers of the hills do not."""
    log = checkerboard(users=60)
    split = last_liked(log.take(np.flatnonzero(log.items < 14)), 0)
    fitted = CnnContent(clouds().item_ids, texts()).fit(split, {"time_constant": 10.0, "epochs": 20}, seed=0)
    scores = fitted.scores(split.histories)
    favours = scores[:, 14] > scores[:, 15]
    assert (favours == (split.targets % 2 == 0)).mean() > 0.9


def test_texts_are_found_by_id() -> None:
    with pytest.raises(ValueError, match="item_ids lack 'item-1'"):
        CnnContent(IdMap(["item-0"]), ["the sea"]).fit(last_liked(checkerboard(), 0), {"epochs": 1}, seed=0)
