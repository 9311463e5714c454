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
from rootkappa.problems import Spectrum


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
        """Check the three numbers."""
        object.__setattr__(self, "step_size", _checks.positive("step size", self.step_size))
        for name in ("first", "second"):
            value = getattr(self, name)
            found = _checks.at_least(f"{name} momentum coefficient", value, 0.0, "use 0 for none")
            object.__setattr__(self, name, found)

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
        """The largest stable eta lambda, 2 (1 + beta_1 - beta_2), where a root passes -1.

        Every smaller one is stable if beta_1 + beta_2 <= 1. Beyond, the velocity does not forget,
        and eta lambda must exceed (1 + beta_2)(beta_1 + beta_2 - 1)/beta_2. The limit is 0 where
        Jury's conditions hold for no eta lambda.
        """
        some = self.second < 1 and self.first < 1 + 3 * self.second
        return 2 * (1 + self.first - self.second) if some else 0.0

    def radius(self, eigenvalues: torch.Tensor | Spectrum) -> torch.Tensor:
        """Give the spectral radius on each mode.

        Args:
            eigenvalues: Curvatures lambda, any shape, or a spectrum.

        Returns:
            The largest modulus of the three roots, the same shape.
        """
        if isinstance(eigenvalues, Spectrum):
            eigenvalues = eigenvalues.eigenvalues
        y = self.step_size * _checks.floating("eigenvalues", eigenvalues).double()
        # z^3 - (1 + beta_1 - y) z^2 + (beta_1 - beta_2) z + beta_2 = 0.
        matrix = torch.diag(y.new_ones(2), -1).expand(*y.shape, 3, 3).clone()
        matrix[..., 0, 0] = 1 + self.first - y
        matrix[..., 0, 1] = self.second - self.first
        matrix[..., 0, 2] = -self.second
        radius: torch.Tensor = torch.linalg.eigvals(matrix).abs().amax(-1)
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
        _checks.function("gradient", gradient, "lambda w: eigenvalues * w")
        steps = _checks.count("steps", steps, 0)
        return self._steps(gradient, _checks.floating("start", start), steps)

    def _steps(
        self, gradient: Callable[[torch.Tensor], torch.Tensor], start: torch.Tensor, steps: int
    ) -> Iterator[torch.Tensor]:
        w, v, before = start, torch.zeros_like(start), torch.zeros_like(start)
        for t in range(steps + 1):
            yield w
            if t < steps:
                v, before = self.first * v + self.second * before + gradient(w), v
                w = w - self.step_size * v
