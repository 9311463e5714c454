"""Flows on a frozen kernel, in closed form: the limits of the methods as the step size goes to 0.

A mode of curvature lambda starts at rest, X(0) = 1 and X'(0) = 0, and obeys

    gradient flow        X' + lambda X = 0,
    constant friction    X'' + b X' + lambda X = 0,
    vanishing friction   X'' + (r/t) X' + lambda X = 0.

Second-order flows run in the time t = k sqrt(eta) of step k, gradient flow in t = k eta.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from scipy import special

from rootkappa import _checks
from rootkappa.dynamics._modes import spectrum
from rootkappa.dynamics.frozen import decompose


class Flow(ABC):
    """A flow, with the response of a mode that starts at 1."""

    order = 2

    def response(self, eigenvalues: torch.Tensor, times: torch.Tensor) -> torch.Tensor:
        """Give X(t) of each mode.

        Args:
            eigenvalues: Curvatures lambda, at least 0, shape (...).
            times: Times, at least 0, shape (S,).

        Returns:
            Responses, shape (..., S), in float64.

        Raises:
            ValueError: If a time or an eigenvalue is out of range.
        """
        return self._response(*_grid(eigenvalues, times))

    def velocity(self, eigenvalues: torch.Tensor, times: torch.Tensor) -> torch.Tensor:
        """Give X'(t) of each mode.

        Args:
            eigenvalues: Curvatures lambda, at least 0, shape (...).
            times: Times, at least 0, shape (S,).

        Returns:
            Velocities, shape (..., S), in float64.

        Raises:
            ValueError: If a time or an eigenvalue is out of range.
        """
        return self._velocity(*_grid(eigenvalues, times))

    @abstractmethod
    def _response(self, values: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """Give X of curvatures (..., 1) at times (S,)."""

    @abstractmethod
    def _velocity(self, values: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """Give X' of curvatures (..., 1) at times (S,)."""

    def clock(self, step_size: float, step: float) -> float:
        """Give the time that a step of a discrete method stands for.

        Args:
            step_size: eta.
            step: k.

        Returns:
            k eta for a flow of first order, k sqrt(eta) for one of second order.
        """
        return step * (step_size if self.order == 1 else math.sqrt(step_size))


@dataclass(frozen=True)
class GradientFlow(Flow):
    """W' + grad L(W) = 0: X = exp(-lambda t).

    Example:
        >>> one = torch.ones(1, dtype=torch.float64)
        >>> round(float(GradientFlow().response(one, one)), 6)
        0.367879
    """

    order = 1

    def _response(self, values: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return torch.exp(-values * t)

    def _velocity(self, values: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return -values * torch.exp(-values * t)


@dataclass(frozen=True)
class ConstantFriction(Flow):
    """W'' + b W' + grad L(W) = 0, the flow of heavy ball.

    With s^2 = b^2/4 - lambda, X = exp(-bt/2) (cosh st + (b/2) sinh(st)/s): it oscillates below
    the critical friction b = 2 sqrt(lambda), where X = exp(-bt/2) (1 + bt/2).

    Args:
        b: The friction, at least 0.

    Raises:
        ValueError: If b is negative or not finite.

    Example:
        >>> one = torch.ones(1, dtype=torch.float64)
        >>> round(float(ConstantFriction(2.0).response(one, one)), 6)
        0.735759
    """

    b: float

    def __post_init__(self) -> None:
        """Check b.

        Raises:
            ValueError: If it is negative or not finite.
        """
        if not 0 <= self.b < math.inf:
            raise ValueError(
                f"friction b must be finite and at least 0, got {self.b}: a negative one feeds "
                "energy in."
            )

    def _response(self, values: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        even, odd = self._parts(values, t)
        return even + self.b / 2 * odd

    def _velocity(self, values: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        # X' = -lambda exp(-bt/2) sinh(st)/s.
        return -values * self._parts(values, t)[1]

    def exponent(self, eigenvalue: float) -> float:
        """Give the rate c of the decay exp(-c t) of a mode.

        Args:
            eigenvalue: lambda, at least 0.

        Returns:
            b/2 up to the critical friction, (b - sqrt(b^2 - 4 lambda))/2 above it.
        """
        square = self.b**2 - 4 * eigenvalue
        # 2 lambda/(b + root) is (b - root)/2 without cancellation.
        return self.b / 2 if square <= 0 else 2 * eigenvalue / (self.b + math.sqrt(square))

    def _parts(self, values: torch.Tensor, t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        # exp(-bt/2) cosh(st) and exp(-bt/2) sinh(st)/s, for either sign of s^2.
        square = self.b**2 / 4 - values
        s = square.abs().sqrt()
        safe = torch.where(s > 0, s, 1.0)
        decay = torch.exp(-self.b / 2 * t)
        turning = decay * torch.where(s > 0, torch.sin(s * t) / safe, t)
        slow = torch.exp(-values / (self.b / 2 + safe) * t)
        lost = -torch.expm1(-2 * s * t)
        even = torch.where(square > 0, slow * (1 - lost / 2), decay * torch.cos(s * t))
        return even, torch.where(square > 0, slow * lost / (2 * safe), turning)


@dataclass(frozen=True)
class VanishingFriction(Flow):
    """W'' + (r/t) W' + grad L(W) = 0, the flow of Nesterov's method with schedule.

    With z = t sqrt(lambda) and nu = (r - 1)/2, X = 2^nu Gamma(nu + 1) J_nu(z)/z^nu. It is the
    hypergeometric function 0F1(; nu + 1; -z^2/4), which is regular at t = 0.

    Args:
        r: The friction, above 0.

    Raises:
        ValueError: If r is not above 0.

    Example:
        >>> one = torch.ones(1, dtype=torch.float64)
        >>> round(float(VanishingFriction(2.0).response(one, one) - torch.sin(one)), 12)
        0.0

    Source: Su, Boyd and Candes (2016) for the flow and its Bessel function.
    """

    r: float = 3.0

    def __post_init__(self) -> None:
        """Check r."""
        _checks.positive("friction r", self.r)

    def _response(self, values: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return _bessel((self.r + 1) / 2, values * t.square())

    def _velocity(self, values: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        # X' = -lambda t/(r + 1) 0F1(; nu + 2; -z^2/4).
        return -values * t / (self.r + 1) * _bessel((self.r + 3) / 2, values * t.square())

    @property
    def amplitude(self) -> float:
        """A_r of the envelope |X| <= A_r (t sqrt lambda)^(-r/2) (1 + o(1))."""
        return 2 ** (self.r / 2) * math.gamma((self.r + 1) / 2) / math.sqrt(math.pi)

    def loss_constant(self, eigenvalues: torch.Tensor, weights: torch.Tensor) -> float:
        """Give the mean of t^r L(t) over the oscillation, in the long run.

        Args:
            eigenvalues: Curvatures lambda, above 0, shape (N,).
            weights: The residual at the start in the basis of eigenvectors, shape (N,).

        Returns:
            A_r^2/4 sum_i weights_i^2 lambda_i^(-r/2), for L = 1/2 ||residual||^2.
        """
        values = spectrum(eigenvalues) ** (-self.r / 2)
        return self.amplitude**2 / 4 * float((weights.double().square() * values).sum())


def flow_residuals(
    flow: Flow,
    kernel: torch.Tensor | tuple[torch.Tensor, torch.Tensor],
    residual: torch.Tensor,
    times: torch.Tensor,
) -> torch.Tensor:
    """Give the residual vectors of a flow whose kernel stays frozen, as at infinite width.

    Args:
        flow: The flow.
        kernel: Symmetric kernels, shape (..., N, N); or their eigenvalues (..., N) and
            eigenvectors (..., N, N).
        residual: The residual at the start, shape (..., N).
        times: Times, at least 0, shape (S,).

    Returns:
        Residuals, shape (..., S, N).

    Example:
        >>> kernel = torch.diag(torch.tensor([1.0, 4.0], dtype=torch.float64))
        >>> start = torch.ones(2, dtype=torch.float64)
        >>> moved = flow_residuals(GradientFlow(), kernel, start, torch.tensor([0.5]))
        >>> [round(float(entry), 6) for entry in moved[0]]
        [0.606531, 0.135335]
    """
    values, vectors = decompose(kernel, residual)
    weights = (vectors.transpose(-1, -2) @ residual.double().unsqueeze(-1)).squeeze(-1)
    return torch.einsum("...nm,...m,...mt->...tn", vectors, weights, flow.response(values, times))


def _grid(eigenvalues: torch.Tensor, times: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    t = _checks.floating("times", times).to(eigenvalues.device).double()
    if t.ndim != 1 or (t.numel() and float(t.min()) < 0):
        raise ValueError(
            f"times must be a vector of numbers at least 0, got shape {tuple(t.shape)}"
            f"{f' and least time {float(t.min())}' if t.numel() else ''}: flows start at t = 0."
        )
    return spectrum(eigenvalues).unsqueeze(-1), t


def _bessel(order: float, squares: torch.Tensor) -> torch.Tensor:
    found = special.hyp0f1(order, -squares.cpu().numpy() / 4)
    return torch.as_tensor(found, dtype=torch.float64, device=squares.device)
