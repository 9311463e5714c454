"""Restart rules: when to set the velocity to zero. A rule answers for every replica at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch


@dataclass(frozen=True)
class StepView:
    """What a restart rule may look at, after a step.

    Args:
        gradients: Gradient at the evaluation point, a tensor (R, rows, cols) a layer.
        velocities: The step just taken, w_{t+1} - w_t, a tensor (R, rows, cols) a layer.
        residual_norms: Norms of the residual at the evaluation point, shape (R,).
    """

    gradients: Sequence[torch.Tensor]
    velocities: Sequence[torch.Tensor]
    residual_norms: torch.Tensor


class Restart(Protocol):
    """A restart rule."""

    def __call__(self, view: StepView) -> torch.Tensor:
        """Say which replicas restart.

        Args:
            view: The step just taken.

        Returns:
            Booleans, shape (R,).
        """
        ...


@dataclass(frozen=True)
class GradientRestart:
    """Restart when the step goes uphill: <gradient, velocity> > 0.

    Source: O'Donoghue and Candes, Adaptive restart for accelerated gradient schemes (2015),
    gradient scheme.
    """

    def __call__(self, view: StepView) -> torch.Tensor:
        """Say which replicas restart.

        Args:
            view: The step just taken.

        Returns:
            Booleans, shape (R,).
        """
        products = [
            (gradient * velocity).sum((1, 2))
            for gradient, velocity in zip(view.gradients, view.velocities, strict=True)
        ]
        return torch.stack(products).sum(0) > 0
