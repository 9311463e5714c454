"""What a training run leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import torch

from rootkappa.optimizers import Method


class Status(Enum):
    """How the run of a replica ended. The text is the advice to the reader."""

    CONVERGED = "reached the tolerance"
    RUNNING = "still above the tolerance when the steps ended: raise `steps`"
    DIVERGED = "the residual grew without bound: lower the step size"


@dataclass(frozen=True)
class Trajectory:
    """Residuals, statuses and final weights of R replicas over up to T steps.

    Everything is read at the evaluation point y_t of the method. Entries after the end of a
    replica are NaN.

    Args:
        methods: The method of each replica, R of them.
        residual_norms: ||xi_t||, shape (R, T + 1), float64 on the CPU.
        lag1: <xi_t, xi_{t-1}>, same shape; NaN at t = 0.
        lag2: <xi_t, xi_{t-2}>, same shape; NaN at t = 0 and 1.
        stopped_at: The last step of each replica, shape (R,).
        status: How each replica ended.
        weights: Weights at `stopped_at`, a tensor (R, rows, cols) a layer.
        observed_at: The steps at which the observers looked.
        observed: What each observer saw, shape (R, len(observed_at), ...).
        residuals: The residuals xi_t themselves, shape (R, T + 1, k n), if they were kept.
    """

    methods: tuple[Method, ...]
    residual_norms: torch.Tensor
    lag1: torch.Tensor
    lag2: torch.Tensor
    stopped_at: torch.Tensor
    status: tuple[Status, ...]
    weights: list[torch.Tensor]
    observed_at: tuple[int, ...]
    observed: dict[str, torch.Tensor]
    residuals: torch.Tensor | None = None

    @property
    def losses(self) -> torch.Tensor:
        """The losses 1/2 ||xi_t||^2, shape (R, T + 1)."""
        return self.residual_norms.square() / 2

    def steps_to(self, accuracy: float) -> torch.Tensor:
        """Count the steps until ||xi_t|| < accuracy ||xi_0||.

        Args:
            accuracy: Relative accuracy.

        Returns:
            The first such step of each replica, shape (R,), float64; infinity if there is none.
        """
        below = self.residual_norms < accuracy * self.residual_norms[:, :1]
        first = below.double().argmax(1).double()
        return torch.where(below.any(1), first, torch.inf)
