"""One mode of a quadratic under a method with constant numbers, in closed form.

For an eigenvalue lambda, with y = eta lambda, the evaluation point obeys

    u_{t+1} = p u_t - q u_{t-1},   p = 1 + beta - (1 + gamma) y,   q = beta - gamma y.

The discriminant factors, which keeps its sign and size right next to a double root:

    p^2 - 4q = (1 + gamma)^2 (y - y_low)(y - y_high),   c = beta - gamma + beta gamma,
    sqrt(y_low) = (1 - beta)/(1 + sqrt c),   sqrt(y_high) = (1 + sqrt c)/(1 + gamma).

For c < 0 it is positive for every y. Expand the right-hand side to check it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from rootkappa.optimizers.method import Method, as_method

# log of zero: exp(t * _LOG_ZERO) underflows to 0 for every t >= 1, and t = 0 stays exact.
_LOG_ZERO = -1e6


def double_roots(beta: float, gamma: float) -> tuple[float, float]:
    """Give the two values of eta lambda between which the roots are a complex pair.

    Args:
        beta: Momentum.
        gamma: Extrapolation.

    Returns:
        The lower and the upper end; equal where no mode is complex.
    """
    c = beta - gamma + beta * gamma
    if c < 0:
        centre = (1 + c) / (1 + gamma) ** 2
        return centre, centre
    root = math.sqrt(c)
    return ((1 - beta) / (1 + root)) ** 2, ((1 + root) / (1 + gamma)) ** 2


@dataclass(frozen=True)
class Modes:
    """The roots z_1, z_2 of every mode, in a form whose powers are computed without cancellation.

    Args:
        p: Trace of the companion matrix, any shape; so are the others.
        q: Its determinant.
        half_speed: u_1 - p/2 for the start at rest, u_1 = 1 - (1 + gamma) y.
        half_speed_recursion: u_1 - p/2 for the start u_{-1} = u_0, u_1 = 1 - y.
        root: sqrt |p^2 - 4q|.
        oscillatory: Whether the roots are a complex pair.
        log_radius: log max(|z_1|, |z_2|).
    """

    p: torch.Tensor
    q: torch.Tensor
    half_speed: torch.Tensor
    half_speed_recursion: torch.Tensor
    root: torch.Tensor
    oscillatory: torch.Tensor
    log_radius: torch.Tensor

    @property
    def radius(self) -> torch.Tensor:
        """The larger modulus of the two roots."""
        real = (self.p.abs() + self.root) / 2
        return torch.where(self.oscillatory, torch.hypot(self.p, self.root) / 2, real)

    def scaled_powers(self, t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Give the powers of the roots over those of the radius r, at integer times.

        Args:
            t: Times as float64, broadcast against the modes.

        Returns:
            (z_1^t + z_2^t)/(2 r^t), and (z_1^t - z_2^t)/((z_1 - z_2) r^(t-1)), which is t times a
            sign at a double root.
        """
        radius = torch.where(self.radius > 0, self.radius, 1.0)
        angle = torch.atan2(self.root, self.p)
        sine = self.root / (2 * radius)
        even = torch.cos(t * angle)
        odd = torch.where(sine > 0, torch.sin(t * angle) / torch.where(sine > 0, sine, 1.0), t)
        # Real roots: z_2 = z_1 (1 - gap), z_1 the one of larger modulus.
        gap = torch.where(self.radius > 0, self.root / radius, 1.0)
        small = torch.where(gap < 0.5, gap, 0.0)
        far = 1 - torch.where(gap < 0.5, 1.0, gap)
        lost = torch.where(gap < 0.5, -torch.expm1(t * torch.log1p(-small)), 1 - far**t)
        signs = torch.where(self.p < 0, 1 - 2 * (t % 2), 1.0)
        turned = torch.where(self.p < 0, -signs, signs)
        even_real = signs * (1 - lost / 2)
        odd_real = turned * torch.where(gap > 0, lost / torch.where(gap > 0, gap, 1.0), t)
        return (
            torch.where(self.oscillatory, even, even_real),
            torch.where(self.oscillatory, odd, odd_real),
        )

    def responses(self, t: torch.Tensor, log_scale: float, recursion: bool) -> torch.Tensor:
        """Give u_t exp(-t log_scale), the response to u_0 = 1.

        u_t = (z_1^t + z_2^t)/2 + (u_1 - p/2)(z_1^t - z_2^t)/(z_1 - z_2).

        Args:
            t: Times as float64, at least 0, broadcast against the modes.
            log_scale: Logarithm of the factor a step that is divided out.
            recursion: Whether the start is u_{-1} = u_0 instead of rest.

        Returns:
            The scaled responses.
        """
        even, odd = self.scaled_powers(t)
        speed = self.half_speed_recursion if recursion else self.half_speed
        late = (t - 1).clamp(min=0.0)  # the odd part vanishes at t = 0
        even_scale = torch.exp(t * (self.log_radius - log_scale))
        odd_scale = torch.exp(late * self.log_radius - t * log_scale)
        return even * even_scale + speed * odd * odd_scale


def constants(method: Method, purpose: str) -> tuple[float, float, float]:
    """Give the three numbers of a method of the family.

    Args:
        method: A method with constant numbers.
        purpose: What needs them, for the message.

    Returns:
        eta, beta, gamma.
    """
    return as_method(method).constants(purpose)


def modes(method: Method, values: torch.Tensor, purpose: str) -> Modes:
    """Solve the modes of a method.

    Args:
        method: A method with constant numbers.
        values: Eigenvalues, any shape, as `_inputs.eigenvalues` gives them.
        purpose: What needs constant numbers, for the message.

    Returns:
        The modes, of the same shape.
    """
    eta, beta, gamma = constants(method, purpose)
    y = eta * values
    c = beta - gamma + beta * gamma
    low, high = double_roots(beta, gamma)
    p = 1 + beta - (1 + gamma) * y
    q = beta - gamma * y
    discriminant = (1 + gamma) ** 2 * (y - low) * (y - high)
    if c < 0:
        discriminant = discriminant - 4 * c / (1 + gamma) ** 2
    root = discriminant.abs().sqrt()
    oscillatory = discriminant < 0
    # 1 - z_1 = y/(1 - z_2), because (1 - z_1)(1 - z_2) = y; no digit is lost as z_1 nears 1.
    distance = 2 * y / ((1 - beta) + (1 + gamma) * y + root)
    # Near a nilpotent mode q is all rounding, and p and root still agree with each other.
    near_circle = oscillatory & (q > 0.5)
    complex_log = torch.where(
        near_circle,
        torch.log1p(-torch.where(near_circle, (1 - beta) + gamma * y, 0.0)) / 2,
        torch.log(torch.where(oscillatory, torch.hypot(p, root) / 2, 1.0)),
    )
    near_one = (p > 0) & ~oscillatory & (distance < 0.5)
    real = (p.abs() + root) / 2
    plain = torch.log(torch.where(real > 0, real, 1.0))
    real_log = torch.where(near_one, torch.log1p(-torch.where(near_one, distance, 0.0)), plain)
    real_log = torch.where(real > 0, real_log, _LOG_ZERO)
    return Modes(
        p=p,
        q=q,
        half_speed=(1 - beta - (1 + gamma) * y) / 2,
        half_speed_recursion=(1 - beta - (1 - gamma) * y) / 2,
        root=root,
        oscillatory=oscillatory,
        log_radius=torch.where(oscillatory, complex_log, real_log),
    )
