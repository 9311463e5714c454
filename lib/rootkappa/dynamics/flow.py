"""A flow: what it is asked for, whatever its friction."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable

import torch

from rootkappa import _checks
from rootkappa.dynamics import _inputs, _integrator
from rootkappa.dynamics._inputs import Eigenvalues, Kernel
from rootkappa.optimizers.method import Method

Gradient = Callable[[torch.Tensor], torch.Tensor]


class Flow(ABC):
    """A flow, with the response of a mode that starts at 1."""

    order = 2

    @abstractmethod
    def response(self, eigenvalues: Eigenvalues, times: torch.Tensor) -> torch.Tensor:
        """Give X(t) of each mode.

        Args:
            eigenvalues: Curvatures lambda, at least 0, shape (...), or a spectrum.
            times: Times, at least 0, shape (S,).

        Returns:
            Responses, shape (..., S), in float64.

        Raises:
            ValueError: If a time or an eigenvalue is out of range.
        """

    @abstractmethod
    def velocity(self, eigenvalues: Eigenvalues, times: torch.Tensor) -> torch.Tensor:
        """Give X'(t) of each mode.

        Args:
            eigenvalues: Curvatures lambda, at least 0, shape (...), or a spectrum.
            times: Times, at least 0, shape (S,).

        Returns:
            Velocities, shape (..., S), in float64.

        Raises:
            ValueError: If a time or an eigenvalue is out of range.
        """

    @abstractmethod
    def field(self, gradient: Gradient, now: float, state: torch.Tensor) -> torch.Tensor:
        """Give the derivative of the state, W for a flow of first order, (W, W') for second.

        Args:
            gradient: The gradient of the loss at a point.
            now: The time.
            state: The state, shape (order, ...).

        Returns:
            Its derivative, the same shape.
        """

    @abstractmethod
    def discretised(self, step_size: float) -> Method:
        """Give gradient descent or heavy ball, whose limit for small step sizes is this flow.

        Args:
            step_size: eta, above 0.

        Returns:
            The method.
        """

    def clock(self, step_size: float, step: float) -> float:
        """Give the time that a step of a discrete method stands for.

        Args:
            step_size: eta.
            step: k.

        Returns:
            k eta for a flow of first order, k sqrt(eta) for one of second order.
        """
        eta = _checks.positive("step size", step_size)
        return _checks.at_least("step", step, 0.0) * (eta if self.order == 1 else math.sqrt(eta))

    def residuals(
        self, kernel: Kernel, residual: torch.Tensor, times: torch.Tensor
    ) -> torch.Tensor:
        """Give the residual vectors of a run whose kernel stays frozen, as at infinite width.

        Args:
            kernel: Symmetric kernels, shape (..., N, N); or their eigenvalues (..., N) and
                eigenvectors (..., N, N).
            residual: The residual at the start, shape (..., N).
            times: Times, at least 0, shape (S,).

        Returns:
            Residuals, shape (..., S, N).

        Example:
            >>> from rootkappa.dynamics import GradientFlow
            >>> moved = GradientFlow().residuals([[1.0, 0.0], [0.0, 4.0]], [1.0, 1.0], [0.5])
            >>> [round(float(entry), 6) for entry in moved[0]]
            [0.606531, 0.135335]
        """
        values, vectors, weights = _inputs.decompose(kernel, residual)
        response = self.response(values, times)
        return torch.einsum("...nm,...m,...mt->...tn", vectors, weights, response)

    def integrate(
        self,
        gradient: Gradient,
        start: torch.Tensor,
        times: torch.Tensor,
        tolerance: float = 1e-13,
    ) -> torch.Tensor:
        """Integrate the flow from rest numerically, on any gradient function.

        Args:
            gradient: The gradient of the loss at a point, of any shape.
            start: W(0), in float64; W'(0) = 0.
            times: Increasing times, at least 0, shape (S,).
            tolerance: Relative error a step of the Dormand-Prince method of order 8; the absolute
                one is the same times the state's largest entry.

        Returns:
            W at each time, shape (S, ...).

        Raises:
            ValueError: If the times do not increase from 0 on, or the start is empty.

        Example:
            >>> from rootkappa.dynamics import GradientFlow
            >>> moved = GradientFlow().integrate(lambda w: w, [1.0], [1.0])
            >>> round(float(moved), 10) == round(math.exp(-1), 10)
            True
        """
        t = _inputs.times(times)
        if not len(t) or bool((t.diff() <= 0).any()):
            raise ValueError(
                f"times must increase from 0 on, got {t.tolist()[:4]}...: sort them and drop "
                "repeats."
            )
        _checks.function("gradient", gradient, "lambda w: eigenvalues * w")
        w = _checks.floating("start", start)
        if w.numel() == 0:
            raise ValueError("start holds no number: give W(0).")
        state = torch.stack([w, *[torch.zeros_like(w)] * (self.order - 1)])
        found = _integrator.integrate(
            lambda now, moved: self.field(gradient, now, moved),
            state,
            t,
            _checks.positive("tolerance", tolerance),
        )
        return found[:, 0]
