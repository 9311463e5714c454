r"""Where a method cycles on a strongly convex function, and a function on which it does.

Suppose the points at which the gradient is taken run round the K-th roots of unity,
y_t = z^t with z = exp(2 pi i / K). In complex numbers the method then asks for the gradient

    g_t = a y_t,   eta a = ((1 + beta) - beta / z - z) / ((1 + gamma) - gamma / z).

Some mu-strongly convex and L-smooth function has these gradients at these points exactly if the
interpolation conditions hold for every pair. Averaged over the K turns such a function has one
value at all points. Then neighbours decide, since cot falls: with b = a / L and k = mu / L,

    |b|^2 - (1 + k) Re b + k + (1 - k) |Im b| cot(pi / K) <= 0 .

For heavy ball, times k (eta L)^2, this is the inequality of Goujaud, Taylor and Dieuleveut (2025).
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from rootkappa import _checks
from rootkappa.dynamics import _modes
from rootkappa.optimizers.method import Method
from rootkappa.problems import Spectrum


def cycle_margin(method: Method, spectrum: Spectrum, period: int) -> float:
    r"""Say whether a method can cycle on the K-th roots of unity.

    Args:
        method: A method with constant numbers.
        spectrum: mu and L, the constants of strong convexity and of smoothness.
        period: K, at least 2; at 2 this is the limit of stability.

    Returns:
        $\abs b^2-(1+k)\operatorname{Re}b+k+(1-k)\abs{\operatorname{Im}b}\cot(\pi/K)$: at most 0
        exactly if the method cycles on some mu-strongly convex, L-smooth function.

    Source: for heavy ball Goujaud, Taylor and Dieuleveut (2025), in another form; derived here.

    Example:
        >>> from rootkappa.optimizers import optimal_heavy_ball, classical_nesterov
        >>> bounds = Spectrum(1.0, 25.0)
        >>> cycle_margin(optimal_heavy_ball(bounds), bounds, 3) < 0
        True
        >>> cycle_margin(classical_nesterov(bounds), bounds, 3) < 0
        False
    """
    return float(cycle_margins(method, spectrum, [_checks.count("period", period, 2)])[0])


def cycle_margins(
    method: Method, spectrum: Spectrum, periods: Sequence[int] | torch.Tensor
) -> torch.Tensor:
    """Give the margins of several periods.

    Args:
        method: A method with constant numbers.
        spectrum: mu and L.
        periods: Values of K, at least 2.

    Returns:
        The margins, in the order of the periods.

    Raises:
        TypeError: If the periods are no sequence of whole numbers.
        ValueError: If one is below 2.
    """
    bounds = _spectrum(spectrum)
    turns = math.pi / _checks.counts("periods", periods, 2).double()
    slope, k = _slope(method, 2 * turns) / bounds.lambda_max, 1 / bounds.kappa
    sideways = (1 - k) * slope.imag.abs() / turns.tan()
    margins: torch.Tensor = slope.abs().square() - (1 + k) * slope.real + k + sideways
    return margins


def cycle_period(method: Method, spectrum: Spectrum, longest: int = 100) -> int | None:
    """Find the shortest cycle of a method on the roots of unity.

    Args:
        method: A method with constant numbers.
        spectrum: mu and L.
        longest: The largest K that is tried.

    Returns:
        K, or None if no K up to the longest has a cycle.

    Example:
        >>> from rootkappa.optimizers import optimal_heavy_ball
        >>> bounds = Spectrum(1.0, 25.0)
        >>> cycle_period(optimal_heavy_ball(bounds), bounds)
        3
    """
    periods = range(2, _checks.count("longest", longest, 2) + 1)
    margins = cycle_margins(method, spectrum, periods).tolist()
    return next((K for K, margin in zip(periods, margins, strict=True) if margin <= 0), None)


@dataclass(frozen=True)
class CyclicFunction:
    r"""f(x) = mu/2 |x|^2 + (L - mu)/2 dist(x, C)^2 in the plane, on which a method cycles.

    C is the regular polygon with the corners y_t (L - a)/(L - mu). Each y_t has its own corner as
    the nearest point of C exactly if the margin is at most 0, and then its gradient is a y_t.

    Args:
        method: A method with constant numbers.
        spectrum: mu and L, with mu < L.
        period: K, at least 2.

    Raises:
        ValueError: If the method has no cycle of this period, or mu = L.

    Source: derived here; the dual form of the interpolation conditions.

    Example:
        >>> from rootkappa.optimizers import optimal_heavy_ball
        >>> f = CyclicFunction(optimal_heavy_ball(1, 25), Spectrum(1.0, 25.0), 3)
        >>> bool((f.gradient(f.points) - f.asked).abs().max() < 1e-12)
        True
    """

    method: Method
    spectrum: Spectrum
    period: int

    def __post_init__(self) -> None:
        """Check that there is a cycle.

        Raises:
            ValueError: If there is none, or mu = L.
        """
        if _spectrum(self.spectrum).kappa == 1:
            raise ValueError(
                "mu and L are equal, and the only such function is a quadratic: raise L."
            )
        margin = cycle_margin(self.method, self.spectrum, self.period)
        if margin > 0:
            raise ValueError(
                f"{self.method.name} has no cycle of period {self.period} here, its margin is "
                f"{margin:.3g}: take a period with a margin of at most 0."
            )

    @property
    def points(self) -> torch.Tensor:
        """The points y_t at which gradients are taken, shape (K, 2)."""
        return _real(self._roots)

    @property
    def asked(self) -> torch.Tensor:
        """The gradients that the cycle asks for at these points, shape (K, 2)."""
        return _real(self._slope * self._roots)

    @property
    def weights(self) -> torch.Tensor:
        """The iterates w_t of the cycle, whose extrapolations are the points, shape (K, 2)."""
        _, _, gamma = _modes.constants(self.method, "a cycle")
        return _real(self._roots / (1 + gamma - gamma / self._roots[1]))

    def gradient(self, x: torch.Tensor) -> torch.Tensor:
        """Give the gradient.

        Args:
            x: Points, shape (..., 2), float64.

        Returns:
            Gradients, of the same shape.
        """
        mu, L = self.spectrum.lambda_min, self.spectrum.lambda_max
        return mu * x + (L - mu) * (x - self._nearest(x))

    def value(self, x: torch.Tensor) -> torch.Tensor:
        """Give the value, least at 0.

        Args:
            x: Points, shape (..., 2), float64.

        Returns:
            Values, shape (...).
        """
        mu, L = self.spectrum.lambda_min, self.spectrum.lambda_max
        away = (x - self._nearest(x)).square().sum(-1)
        values: torch.Tensor = (mu * x.square().sum(-1) + (L - mu) * away) / 2
        return values

    @property
    def _slope(self) -> complex:
        turn = torch.tensor(2 * math.pi / self.period, dtype=torch.float64)
        return complex(_slope(self.method, turn))

    @property
    def _roots(self) -> torch.Tensor:
        turns = torch.arange(self.period, dtype=torch.float64) * (2 * math.pi / self.period)
        return torch.polar(torch.ones_like(turns), turns)

    def _nearest(self, x: torch.Tensor) -> torch.Tensor:
        # Of the polygon: turn the point so that the edge before it stands upright on the right.
        mu, L = self.spectrum.lambda_min, self.spectrum.lambda_max
        corner = (L - self._slope) / (L - mu)
        turn = 2 * math.pi / self.period
        point = torch.view_as_complex(x.contiguous())
        sector = ((point.angle() - cmath.phase(corner)) / turn).floor()
        back = torch.polar(torch.ones_like(sector), (sector + 0.5) * turn + cmath.phase(corner))
        turned = point * back.conj()
        far, half = abs(corner) * math.cos(turn / 2), abs(corner) * math.sin(turn / 2)
        on_edge = torch.complex(torch.full_like(turned.real, far), turned.imag.clamp(-half, half))
        return _real(torch.where(turned.real > far, on_edge, turned) * back)


def _slope(method: Method, turns: torch.Tensor) -> torch.Tensor:
    # a, the gradient that a cycle with this angle asks for over the point.
    eta, beta, gamma = _modes.constants(method, "a cycle")
    z = torch.polar(torch.ones_like(turns), turns)
    return ((1 + beta) - beta / z - z) / (eta * ((1 + gamma) - gamma / z))


def _spectrum(given: Spectrum) -> Spectrum:
    return _checks.instance("spectrum", given, Spectrum, "Spectrum(mu, L)")


def _real(z: torch.Tensor) -> torch.Tensor:
    return torch.view_as_real(z)
