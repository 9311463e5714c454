"""Flows on a frozen kernel, in closed form: the limits of the methods as the step size goes to 0.

A mode of curvature lambda starts at rest, X(0) = 1 and X'(0) = 0, and obeys

    gradient flow        X' + lambda X = 0,
    constant friction    X'' + b X' + lambda X = 0,
    vanishing friction   X'' + (r/t) X' + lambda X = 0.

Second-order flows run in the time t = k sqrt(eta) of step k, gradient flow in t = k eta. Central
differences with step sqrt(eta) give heavy ball with 1 - beta = b sqrt(eta). For b = r/t the step
size drops out: 1 - beta_k = r/k, to leading order the schedule (k - 1)/(k + r - 1). Nesterov's
method discretises the same flows, but evaluates the gradient ahead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from typing_extensions import override

from rootkappa import _checks
from rootkappa.dynamics import _inputs
from rootkappa.dynamics._inputs import Eigenvalues
from rootkappa.dynamics.flow import Flow, Gradient
from rootkappa.optimizers.method import Method, gradient_descent, heavy_ball
from rootkappa.optimizers.schedules import NesterovSchedule


@dataclass(frozen=True)
class GradientFlow(Flow):
    """W' + grad L(W) = 0: X = exp(-lambda t).

    Example:
        >>> round(float(GradientFlow().response([1.0], [1.0])), 6)
        0.367879
    """

    order = 1

    @override
    def response(self, eigenvalues: Eigenvalues, times: torch.Tensor) -> torch.Tensor:
        values, t = _grid(eigenvalues, times)
        return torch.exp(-values * t)

    @override
    def velocity(self, eigenvalues: Eigenvalues, times: torch.Tensor) -> torch.Tensor:
        values, t = _grid(eigenvalues, times)
        return -values * torch.exp(-values * t)

    @override
    def field(self, gradient: Gradient, now: float, state: torch.Tensor) -> torch.Tensor:
        return -gradient(state[0]).unsqueeze(0)

    @override
    def discretised(self, step_size: float) -> Method:
        return gradient_descent(step_size)


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
        >>> round(float(ConstantFriction(2.0).response([1.0], [1.0])), 6)
        0.735759
        >>> ConstantFriction(2.0).discretised(0.01).momentum
        0.8
    """

    b: float

    def __post_init__(self) -> None:
        """Check b."""
        found = _checks.at_least("friction b", self.b, 0.0, "a negative one feeds energy in")
        object.__setattr__(self, "b", found)

    @override
    def response(self, eigenvalues: Eigenvalues, times: torch.Tensor) -> torch.Tensor:
        even, odd = self._parts(*_grid(eigenvalues, times))
        return even + self.b / 2 * odd

    @override
    def velocity(self, eigenvalues: Eigenvalues, times: torch.Tensor) -> torch.Tensor:
        # X' = -lambda exp(-bt/2) sinh(st)/s.
        values, t = _grid(eigenvalues, times)
        return -values * self._parts(values, t)[1]

    @override
    def field(self, gradient: Gradient, now: float, state: torch.Tensor) -> torch.Tensor:
        w, v = state
        return torch.stack([v, -self.b * v - gradient(w)])

    @override
    def discretised(self, step_size: float) -> Method:
        root = math.sqrt(_checks.positive("step size", step_size))
        if not 0 < self.b * root <= 1:
            raise ValueError(
                f"friction b = {self.b:g} at step size {step_size} needs momentum "
                f"{1 - self.b * root:.3g}, which must lie in [0, 1): take b above 0 and a step "
                "size of at most 1/b^2."
            )
        method = heavy_ball(step_size, 1 - self.b * root)
        return replace(method, name=f"heavy ball, friction {self.b:g}")

    def exponent(self, eigenvalue: float) -> float:
        """Give the rate c of the decay exp(-c t) of a mode.

        Args:
            eigenvalue: lambda, at least 0.

        Returns:
            b/2 up to the critical friction, (b - sqrt(b^2 - 4 lambda))/2 above it.
        """
        value = _checks.at_least("eigenvalue", eigenvalue, 0.0)
        square = self.b**2 - 4 * value
        # 2 lambda/(b + root) is (b - root)/2 without cancellation.
        return self.b / 2 if square <= 0 else 2 * value / (self.b + math.sqrt(square))

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
        >>> round(float(VanishingFriction(2.0).response([1.0], [1.0])) - math.sin(1), 12)
        0.0
        >>> VanishingFriction().discretised(0.1).coefficients(4)
        (0.1, 0.5, 0.0)

    Source: Su, Boyd and Candes (2016) for the flow and its Bessel function.
    """

    r: float = 3.0

    def __post_init__(self) -> None:
        """Check r."""
        object.__setattr__(self, "r", _checks.positive("friction r", self.r))

    @override
    def response(self, eigenvalues: Eigenvalues, times: torch.Tensor) -> torch.Tensor:
        values, t = _grid(eigenvalues, times)
        return _bessel((self.r + 1) / 2, values * t.square())

    @override
    def velocity(self, eigenvalues: Eigenvalues, times: torch.Tensor) -> torch.Tensor:
        # X' = -lambda t/(r + 1) 0F1(; nu + 2; -z^2/4).
        values, t = _grid(eigenvalues, times)
        return -values * t / (self.r + 1) * _bessel((self.r + 3) / 2, values * t.square())

    @override
    def field(self, gradient: Gradient, now: float, state: torch.Tensor) -> torch.Tensor:
        w, v = state
        # From rest W'(t) = t W''(0) + ..., so at t = 0 the equation reads (1 + r) W'' = -grad L.
        force = -gradient(w)
        return torch.stack([v, force / (1 + self.r) if now == 0 else force - self.r / now * v])

    @override
    def discretised(self, step_size: float) -> Method:
        method = heavy_ball(step_size, NesterovSchedule(self.r))
        return replace(method, name=f"heavy ball, friction {self.r:g}/t")

    @property
    def amplitude(self) -> float:
        """A_r of the envelope |X| <= A_r (t sqrt lambda)^(-r/2) (1 + o(1))."""
        return 2 ** (self.r / 2) * math.gamma((self.r + 1) / 2) / math.sqrt(math.pi)

    def loss_constant(self, eigenvalues: Eigenvalues, weights: torch.Tensor) -> float:
        """Give the mean of t^r L(t) over the oscillation, in the long run.

        Args:
            eigenvalues: Curvatures lambda, above 0, shape (N,), or a spectrum.
            weights: The residual at the start in the basis of eigenvectors, shape (N,).

        Returns:
            A_r^2/4 sum_i weights_i^2 lambda_i^(-r/2), for L = 1/2 ||residual||^2.

        Raises:
            ValueError: If an eigenvalue is 0: its mode does not decay.
        """
        values = _inputs.eigenvalues(eigenvalues)
        if float(values.min()) == 0:
            raise ValueError("eigenvalues must be above 0, got 0: drop the modes that stay.")
        squares = _inputs.shares(weights, values).square()
        return self.amplitude**2 / 4 * float((squares * values ** (-self.r / 2)).sum())


def _grid(eigenvalues: Eigenvalues, times: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    values = _inputs.eigenvalues(eigenvalues).unsqueeze(-1)
    return values, _inputs.times(times).to(values)


def _bessel(order: float, squares: torch.Tensor) -> torch.Tensor:
    from scipy import special  # a third of a second, for this function alone

    found = special.hyp0f1(order, -squares.cpu().numpy() / 4)
    return torch.as_tensor(found, dtype=torch.float64, device=squares.device)
