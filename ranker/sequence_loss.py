"""How wrong an expectation is: cross-entropy over every item, or over drawn ones corrected for the drawing."""

import torch
from torch.autograd.function import BackwardCFunction, FunctionCtx

LOGITS_AT_ONCE = 2**21
"""Of the logits of a batch only so many are held: they stay in the processor's cache, and memory is bounded."""


class _CrossEntropy(torch.autograd.Function):
    """The mean cross-entropy, with gradients made beside it, piece by piece."""

    @staticmethod
    def forward(
        ctx: FunctionCtx,
        states: torch.Tensor,
        items: torch.Tensor,
        bias: torch.Tensor,
        wanted: torch.Tensor,
        kind: torch.dtype,
    ) -> torch.Tensor:
        count = max(len(wanted), 1)
        by_state, by_item = torch.empty_like(states), torch.zeros_like(items)
        by_bias, loss = torch.zeros_like(bias), states.new_zeros(())
        asked, known, level = states.to(kind), items.to(kind), bias.to(kind)
        # Laid out by columns the product takes two thirds of the time.
        columns = known.T.contiguous()
        at_once = max(LOGITS_AT_ONCE // max(len(items), 1), 16)
        for start in range(0, len(states), at_once):
            rows, right = asked[start : start + at_once], wanted[start : start + at_once, None]
            odds = torch.addmm(level, rows, columns)
            odds -= odds.amax(dim=1, keepdim=True)
            said = odds.gather(1, right)
            total = odds.exp_().sum(dim=1, keepdim=True)
            loss += (total.to(loss.dtype).log() - said).sum()
            odds /= total * count
            odds.scatter_add_(1, right, torch.full_like(said, -1.0 / count))
            by_state[start : start + at_once] = odds @ known
            by_item += odds.T @ rows
            by_bias += odds.sum(dim=0)
        ctx.save_for_backward(by_state, by_item, by_bias)
        return loss / count

    @staticmethod
    def backward(ctx: BackwardCFunction, *above: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        by_state, by_item, by_bias = tuple(ctx.saved_tensors)
        return above[0] * by_state, above[0] * by_item, above[0] * by_bias, None, None


def cross_entropy(
    states: torch.Tensor,
    items: torch.Tensor,
    bias: torch.Tensor,
    wanted: torch.Tensor,
    *,
    kind: torch.dtype = torch.float32,
) -> torch.Tensor:
    """Return the mean over p of -log softmax(states @ items.T + bias)[wanted].

    states (p, width), items (n, width), bias (n,), wanted (p,) int64 rows of items; `kind` is what logits are, and what
    is multiplied in. Sums over pieces are of the kind of the arguments. Differentiable once.
    """
    loss: torch.Tensor = _CrossEntropy.apply(states, items, bias, wanted, kind)
    return loss


def sampled_cross_entropy(
    states: torch.Tensor, right: torch.Tensor, drawn: torch.Tensor, log_counts: torch.Tensor, same: torch.Tensor
) -> torch.Tensor:
    """Return the mean cross-entropy where all other items are stood for by some that were drawn.

    states (p, k), right (p, k) and drawn (s, k) embeddings with their biases as a last column of both, the states
    having a last column of ones; log_counts (s,) the logarithm of how often each is expected to be drawn, which is
    taken off its logit (Bengio, Senecal 2008), so that the sum of exponents is right in expectation; same (p, s)
    whether a drawn item is the wanted one, which is then not counted again.
    """
    others = (states @ drawn.T - log_counts).masked_fill(same, -torch.inf)
    said = (states * right).sum(dim=1)
    wrong = torch.logsumexp(torch.cat((said[:, None], others), dim=1), dim=1) - said
    return wrong.sum() / max(len(wrong), 1)
