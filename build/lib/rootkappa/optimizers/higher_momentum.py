"""Momentum with two coefficients: the velocity remembers two steps.

    v_t = beta_1 v_{t-1} + beta_2 v_{t-2} + grad L(w_t),   w_{t+1} = w_t - eta v_t.

On a mode of curvature lambda, with y = eta lambda, the roots z of the method solve

    (z - 1) (z^2 - beta_1 z - beta_2) + y z^2 = 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

from rootkappa import _checks


@dataclass(frozen=True)
class HigherMomentum:
    """Heavy ball with a second momentum coefficient.

    Args:
        step_size: eta, above 0.
        first: beta_1, at least 0.
        second: beta_2, at least 0; 0 is heavy ball.

    Raises:
        ValueError: If a number lies outside its range.

    Example:
        >>> HigherMomentum(0.1, 0.2, 0.8).memory_roots
        (1.0, -0.8)

    Source: the public notebook of Bu, Xu and Chen (2021); the roots are derived for this book.
    """

    step_size: float
    first: float
    second: float = 0.0

    def __post_init__(self) -> None:
        """Check the three numbers.

        Raises:
            ValueError: If a coefficient is negative or not finite.
        """
        _checks.positive("step size", self.step_size)
        for name, value in (("first", self.first), ("second", self.second)):
            if not 0 <= value < math.inf:
                raise ValueError(
                    f"{name} momentum coefficient must be finite and at least 0, got {value}: "
                    "use 0 for none."
                )

    @property
    def memory_roots(self) -> tuple[float, float]:
        """The roots of z^2 - beta_1 z - beta_2, larger first: how slowly the velocity forgets."""
        root = math.sqrt(self.first**2 + 4 * self.second)
        return (self.first + root) / 2, (self.first - root) / 2

    @property
    def gain(self) -> float:
        """The sum of a constant gradient's echoes, 1/(1 - beta_1 - beta_2); infinite from 1 on."""
        left = 1 - self.first - self.second
        return 1 / left if left > 1e-15 else math.inf

    @property
    def stability_limit(self) -> float:
        """The largest stable eta lambda, 2 (1 + beta_1 - beta_2), where a root passes -1."""
        return 2 * (1 + self.first - self.second)

    def radius(self, eigenvalues: torch.Tensor) -> torch.Tensor:
        """Give the spectral radius on each mode.

        Args:
            eigenvalues: Curvatures lambda, any shape.

        Returns:
            The largest modulus of the three roots, the same shape.
        """
        y = self.step_size * eigenvalues.double()
        zero, one = torch.zeros_like(y), torch.ones_like(y)
        # The state is (w_t, v_{t-1}, v_{t-2}).
        rows = [
            torch.stack(
                [1 - y, -self.step_size * self.first * one, -self.step_size * self.second * one], -1
            ),
            torch.stack([eigenvalues.double(), self.first * one, self.second * one], -1),
            torch.stack([zero, one, zero], -1),
        ]
        radius: torch.Tensor = torch.linalg.eigvals(torch.stack(rows, -2)).abs().amax(-1)
        return radius

    def run(
        self, gradient: Callable[[torch.Tensor], torch.Tensor], start: torch.Tensor, steps: int
    ) -> Iterator[torch.Tensor]:
        """Run the method from rest, v_{-1} = v_{-2} = 0.

        Args:
            gradient: The gradient at a point, of any shape.
            start: w_0.
            steps: T, at least 0.

        Returns:
            An iterator over w_0, ..., w_T.
        """
        return self._steps(gradient, start, _checks.count("steps", steps, 0))

    def _steps(
        self, gradient: Callable[[torch.Tensor], torch.Tensor], start: torch.Tensor, steps: int
    ) -> Iterator[torch.Tensor]:
        w, v, before = start, torch.zeros_like(start), torch.zeros_like(start)
        for t in range(steps + 1):
            yield w
            if t < steps:
                v, before = self.first * v + self.second * before + gradient(w), v
                w = w - self.step_size * v
