"""How the run of a replica ended, read from the run itself."""

from __future__ import annotations

from enum import Enum

import torch

from rootkappa.architectures.model import Factors

# Relative to the labels: what is smaller is rounding of the outputs, give or take three digits.
_ROUNDING = 1e3
# Of the gradient a unit residual, now over at the start: 1e-12 in eigenvalues. A residual of which
# the gradient sees less would need a condition number above 1e12 to be learnt.
_UNSEEN = 1e-6
_UNSEEN_EPS = 256


class Status(Enum):
    """How the run of a replica ended. The text is the advice to the reader.

    The last four are told apart at the last step, in this order, from the residual xi, the gradient
    g = J^T xi and the sharpness |g| / |xi| now and at the start. No number depends on the scale of
    the problem or on the step size.

    * FLOOR: |xi| is at most 1000 eps |Y|.
    * STATIONARY: g is exactly 0 at the start, so that the run never moves.
    * PLATEAU: the sharpness fell below 1e-6 of the first (3e-5 in float32). Then the loss lies
      within 1e-12 of a least value above 0, or the rest of the residual belongs to eigenvalues
      1e-12 times those that were learnt.
    * RUNNING: anything else.
    """

    CONVERGED = "reached the tolerance, or started at the optimum"
    DIVERGED = "the residual grew without bound: lower the step size"
    FLOOR = "nothing but rounding is left of the residual: the tolerance is out of reach, raise it"
    STATIONARY = (
        "the gradient is exactly zero at the start, so no number of steps moves it: start "
        "elsewhere, or widen the network if its units are dead"
    )
    PLATEAU = (
        "the gradient vanished at a loss above zero, so more steps gain nothing: these labels "
        "cannot be fitted from here; measure the excess over the least loss, or widen the network"
    )
    RUNNING = "took all steps and is still above the tolerance: raise `steps`"


def sharpness(residual: torch.Tensor, factors: Factors) -> torch.Tensor:
    """Give |J^T xi| / |xi|, the root of the mean eigenvalue that the residual sees.

    Args:
        residual: xi, shape (R, k, n).
        factors: The gradient J^T xi, a pair (left, right) a layer.

    Returns:
        One number a replica, shape (R,), float64 on the CPU; NaN where the residual is zero.
    """
    norms = [torch.linalg.matrix_norm(left @ right) for left, right in factors]
    gradient = torch.linalg.vector_norm(torch.stack(norms), dim=0)
    return (gradient / torch.linalg.matrix_norm(residual)).double().cpu()


def unfinished(norm: float, labels: float, first: float, now: float, eps: float) -> Status:
    """Say why a replica is above its tolerance after all steps.

    Args:
        norm: ||xi|| at the last step.
        labels: ||Y||.
        first: Sharpness at the start.
        now: Sharpness at the last step.
        eps: The rounding unit of the run's dtype.

    Returns:
        FLOOR, STATIONARY, PLATEAU or RUNNING.

    Example:
        >>> unfinished(0.3, 1.0, 2.0, 1e-9, 2e-16).name
        'PLATEAU'
    """
    if norm <= _ROUNDING * eps * labels:
        return Status.FLOOR
    if first == 0:
        return Status.STATIONARY
    if now <= max(_UNSEEN, _UNSEEN_EPS * eps) * first:
        return Status.PLATEAU
    return Status.RUNNING
