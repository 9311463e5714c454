"""Restart rules: when to set the velocity to zero. A rule answers for every replica at once.

A restart also sets the clock of the momentum schedule back to 1, as in both papers: the step just
taken counts as the first of a new run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from rootkappa import _checks

# Relative residuals below this are rounding in float64.
FLOOR = 1e-12


@dataclass(frozen=True)
class StepView:
    """What a restart rule may look at, after a step.

    Args:
        gradients: Gradient at the evaluation point y_t, a tensor (R, rows, cols) a layer.
        velocities: The step just taken, w_{t+1} - w_t, a tensor (R, rows, cols) a layer.
        residual_norms: Norms of the residual at y_t, shape (R,).
        residual_norms_before: Those at y_{t-1}; infinite at the first step.
        residual_norms_first: Those at the start of the run.
        speeds: ||w_{t+1} - w_t|| over all layers, shape (R,).
        speeds_before: ||w_t - w_{t-1}||; 0 at the first step and after a restart.
        ages: Steps since the start or the last restart, with the one just taken, shape (R,).
    """

    gradients: Sequence[torch.Tensor]
    velocities: Sequence[torch.Tensor]
    residual_norms: torch.Tensor
    residual_norms_before: torch.Tensor
    residual_norms_first: torch.Tensor
    speeds: torch.Tensor
    speeds_before: torch.Tensor
    ages: torch.Tensor

    def above(self, floor: float) -> torch.Tensor:
        """Say which residuals are larger than rounding.

        Args:
            floor: Level relative to the start.

        Returns:
            Booleans, shape (R,).
        """
        return self.residual_norms > floor * self.residual_norms_first


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

    Args:
        floor: Residual, relative to the start, below which signs are rounding and nothing restarts.

    Source: O'Donoghue and Candes, Adaptive restart for accelerated gradient schemes (2015),
    gradient scheme.
    """

    floor: float = FLOOR

    def __post_init__(self) -> None:
        """Check the floor."""
        object.__setattr__(self, "floor", _checks.at_least("floor", self.floor, 0.0))

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
        return (torch.stack(products).sum(0) > 0) & view.above(self.floor)


@dataclass(frozen=True)
class FunctionRestart:
    """Restart when the loss rose from one evaluation point to the next.

    Args:
        floor: Residual, relative to the start, below which rises are rounding: without it this rule
            restarts at every other step once the run has arrived.

    Source: O'Donoghue and Candes, Adaptive restart for accelerated gradient schemes (2015),
    function scheme.
    """

    floor: float = FLOOR

    def __post_init__(self) -> None:
        """Check the floor."""
        object.__setattr__(self, "floor", _checks.at_least("floor", self.floor, 0.0))

    def __call__(self, view: StepView) -> torch.Tensor:
        """Say which replicas restart.

        Args:
            view: The step just taken.

        Returns:
            Booleans, shape (R,).
        """
        return (view.residual_norms > view.residual_norms_before) & view.above(self.floor)


@dataclass(frozen=True)
class SpeedRestart:
    """Restart when the iterates slow down: ||w_{t+1} - w_t|| < ||w_t - w_{t-1}||.

    Args:
        patience: Steps after a start or restart during which the rule is silent, at least 1.
        floor: Residual, relative to the start, below which speeds are rounding.

    Raises:
        ValueError: If patience is below 1.

    Source: Su, Boyd and Candes, A differential equation for modeling Nesterov's accelerated
    gradient method (2016), speed restarting.
    """

    patience: int = 2
    floor: float = FLOOR

    def __post_init__(self) -> None:
        """Check patience and floor."""
        object.__setattr__(self, "patience", _checks.count("patience", self.patience))
        object.__setattr__(self, "floor", _checks.at_least("floor", self.floor, 0.0))

    def __call__(self, view: StepView) -> torch.Tensor:
        """Say which replicas restart.

        Args:
            view: The step just taken.

        Returns:
            Booleans, shape (R,).
        """
        slower = (view.speeds < view.speeds_before) & (view.ages > self.patience)
        return slower & view.above(self.floor)
