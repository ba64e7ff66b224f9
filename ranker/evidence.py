"""Evidence: how much each part of a kernel should weigh, by the likelihood of what is known under it."""

import numpy as np
from numpy.typing import NDArray

from ranker.interactions import Floats

FIRST = -1.0
"""Log weight from which each part starts, and to which those are drawn of which nothing is known."""
DRAWN = 0.02
BOUNDS = (-9.0, 5.0)
STEPS = 25


def likeliest_weights(parts: Floats, targets: Floats) -> NDArray[np.float64]:
    """Return weights (p,) of kernel `parts` (p, n, n) for `targets` (n, k) without a mean, against a noise of 1.

    They maximise the marginal likelihood of a Gaussian process whose k outputs share kernel and scale, the scale in
    closed form (Rasmussen, Williams 2006, section 5.4), with a weak prior about exp(FIRST).
    """
    from scipy.optimize import minimize

    if not len(targets) or not targets.any():
        return np.full(len(parts), np.exp(FIRST))
    start, wanted = np.full(len(parts), FIRST), targets.astype(np.float64)
    solution = minimize(
        surprise, start, args=(parts, wanted), jac=True, method="L-BFGS-B", bounds=[BOUNDS] * len(parts),
        options={"maxiter": STEPS},
    )  # fmt: skip
    return np.asarray(np.exp(solution.x), dtype=np.float64)


def surprise(
    logs: NDArray[np.float64], parts: Floats, targets: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Return minus the log evidence of log weights (p,), a target, and its gradient (p,); constants are left out.

    With A = sum_p w_p K_p + I and S = tr(Y^T A^-1 Y): (k log det A + n k log(S / n k)) / 2.
    """
    from scipy.linalg import lapack

    weights, (count, outputs) = np.exp(logs), targets.shape
    matrix = np.tensordot(weights.astype(np.float32), parts, 1).astype(np.float64)
    matrix[np.diag_indices(count)] += 1.0
    lower, failed = lapack.dpotrf(matrix, lower=1)
    if failed:
        raise ValueError(f"the kernel parts are not positive semidefinite (leading minor {failed})")
    half, _ = lapack.dpotri(lower, lower=1)
    inverse = np.tril(half) + np.tril(half, -1).T
    dual = inverse @ targets
    scale = max(float((targets * dual).sum()), 1e-300) / (count * outputs)
    found = 0.5 * (2 * outputs * float(np.log(np.diag(lower)).sum()) + count * outputs * np.log(scale))
    slope = (outputs * inverse - dual @ dual.T / scale).astype(np.float32)
    gradient = 0.5 * weights * np.asarray([float(np.vdot(slope, part)) for part in parts])
    off = logs - FIRST
    found = found / outputs + DRAWN * float(off @ off)
    return found / count, (gradient / outputs + 2 * DRAWN * off) / count
