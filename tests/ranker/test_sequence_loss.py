"""Cross-entropy in pieces beside the plain one, with its gradients, and what is drawn beside what it stands for."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from ranker import sequence_loss
from ranker.sequence_loss import cross_entropy, sampled_cross_entropy


def _drawn(places: int = 50, items: int = 30, width: int = 6) -> tuple[torch.Tensor, ...]:
    torch.manual_seed(1)
    states, factors, bias = torch.randn(places, width), torch.randn(items, width), torch.randn(items)
    return states, factors, bias, torch.randint(0, items, (places,))


@pytest.mark.parametrize("at_once", [1, 30 * 17, 10**6])
def test_in_pieces_it_is_the_plain_cross_entropy(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence_loss, "LOGITS_AT_ONCE", at_once)
    *given, wanted = _drawn()
    found, expected = ([value.clone().requires_grad_() for value in given] for _ in range(2))
    one = cross_entropy(found[0], found[1], found[2], wanted)
    two = functional.cross_entropy(expected[0] @ expected[1].T + expected[2], wanted)
    torch.testing.assert_close(one, two)
    torch.autograd.backward(3.0 * one)
    torch.autograd.backward(3.0 * two)
    for mine, other in zip(found, expected, strict=True):
        torch.testing.assert_close(mine.grad, other.grad)


def test_in_bfloat16_it_is_nearly_the_same() -> None:
    *given, wanted = _drawn(places=400, items=50, width=16)
    found, expected = ([value.clone().requires_grad_() for value in given] for _ in range(2))
    one = cross_entropy(found[0], found[1], found[2], wanted, kind=torch.bfloat16)
    two = cross_entropy(expected[0], expected[1], expected[2], wanted)
    assert one.dtype == torch.float32
    assert one.item() == pytest.approx(two.item(), rel=0.01)
    torch.autograd.backward(one)
    torch.autograd.backward(two)
    for mine, other in zip(found, expected, strict=True):
        assert mine.grad is not None
        assert other.grad is not None
        assert mine.grad.dtype == torch.float32
        assert float((mine.grad - other.grad).norm()) < 0.02 * float(other.grad.norm())


def test_large_logits_do_not_overflow_and_nothing_wanted_costs_nothing() -> None:
    states, factors = torch.full((2, 1), 100.0), torch.tensor([[5.0], [-5.0]])
    loss = cross_entropy(states, factors, torch.zeros(2), torch.tensor([0, 1]))
    assert float(loss) == pytest.approx(500.0)
    nothing = cross_entropy(states[:0], factors, torch.zeros(2), torch.empty(0, dtype=torch.int64))
    assert float(nothing) == 0.0


def _sampled(drawn: torch.Tensor, odds: torch.Tensor) -> float:
    states, factors, bias, wanted = _drawn()
    whole = torch.cat((factors, bias[:, None]), dim=1)
    asked = torch.cat((states, torch.ones(len(states), 1)), dim=1)
    counts = torch.log(len(drawn) * odds)[drawn]
    return float(sampled_cross_entropy(asked, whole[wanted], whole[drawn], counts, wanted[:, None] == drawn))


def test_every_item_drawn_once_is_the_whole_catalogue() -> None:
    states, factors, bias, wanted = _drawn()
    everything = torch.arange(len(factors))
    expected = float(functional.cross_entropy(states @ factors.T + bias, wanted))
    assert _sampled(everything, torch.full((30,), 1 / 30)) == pytest.approx(expected, rel=1e-5)


def test_what_is_drawn_unevenly_comes_near_the_whole_catalogue() -> None:
    """Without the correction the frequent half would count three times as much as the rest."""
    states, factors, bias, wanted = _drawn()
    expected = float(functional.cross_entropy(states @ factors.T + bias, wanted))
    odds = np.where(np.arange(30) < 15, 3.0, 1.0)
    odds /= odds.sum()
    drawn = torch.from_numpy(np.random.default_rng(0).choice(30, 20_000, p=odds))
    right = torch.from_numpy(odds).to(torch.float32)
    assert _sampled(drawn, right) == pytest.approx(expected, rel=0.01)
    assert _sampled(drawn, torch.full((30,), 1 / 30)) != pytest.approx(expected, rel=0.01)


def test_drawn_beside_nothing_wanted_costs_nothing() -> None:
    states, factors, _, wanted = _drawn()
    none, same = wanted[:0], torch.zeros(0, 30, dtype=torch.bool)
    assert float(sampled_cross_entropy(states[:0], factors[none], factors, torch.zeros(30), same)) == 0.0
