"""Companion matrices of the methods on one eigenvalue: radius, oscillation, stability.

For a kernel that stays frozen, the pair (xi_{t+1}, xi_t) of residuals follows, mode by mode,

    M = [[p, -q], [1, 0]],   p = 1 + beta - eta lambda (1 + gamma),   q = beta - eta lambda gamma.

Its radius is the rate of the theorems; `powers` has their prefactor.
"""

from __future__ import annotations

import math

import torch

from rootkappa import _checks
from rootkappa.dynamics import _inputs, _modes
from rootkappa.dynamics._inputs import Eigenvalues
from rootkappa.optimizers.method import Method
from rootkappa.problems import Spectrum

_MATRIX = "the companion matrix"


def companion(method: Method, eigenvalues: Eigenvalues) -> torch.Tensor:
    """Give the companion matrix of each mode.

    Args:
        method: A method with constant numbers.
        eigenvalues: Eigenvalues of the kernel, shape (...), or a spectrum.

    Returns:
        Matrices [[p, -q], [1, 0]], shape (..., 2, 2).

    Example:
        >>> from rootkappa.optimizers import heavy_ball
        >>> companion(heavy_ball(0.5, 0.25), [1.0]).tolist()
        [[[0.75, -0.25], [1.0, 0.0]]]
    """
    solved = _modes.modes(method, _inputs.eigenvalues(eigenvalues), _MATRIX)
    one, zero = torch.ones_like(solved.p), torch.zeros_like(solved.p)
    entries = torch.stack([solved.p, -solved.q, one, zero], -1)
    return entries.reshape(*solved.p.shape, 2, 2)


def spectral_radius(method: Method, eigenvalues: Eigenvalues) -> torch.Tensor:
    """Give the factor by which each mode contracts in the long run.

    A complex pair has modulus sqrt(q), real roots (|p| + sqrt(p^2 - 4q))/2. The closed form keeps
    full accuracy where `torch.linalg.eigvals` keeps half of the digits: next to a double root. At
    the double root itself the radius moves as the square root of beta and lambda, so half of the
    digits is all that the stored numbers determine.

    Args:
        method: A method with constant numbers.
        eigenvalues: Eigenvalues of the kernel, shape (...), or a spectrum.

    Returns:
        Radii, shape (...).

    Example:
        >>> from rootkappa.optimizers import gradient_descent, heavy_ball
        >>> spectral_radius(gradient_descent(0.5), [0.5, 1.0]).tolist()
        [0.75, 0.5]
        >>> spectral_radius(heavy_ball(1.0, 0.25), Spectrum(0.5, 1.0)).tolist()
        [0.5, 0.5]
    """
    return _modes.modes(method, _inputs.eigenvalues(eigenvalues), _MATRIX).radius


def oscillatory_interval(method: Method) -> tuple[float, float]:
    r"""Give the eigenvalues between which the roots are complex, so that modes oscillate.

    With $c = \beta - \gamma + \beta\gamma$ the ends are
    $\big((1-\beta)/(1+\sqrt c)\big)^2/\eta$ and $\big((1+\sqrt c)/(1+\gamma)\big)^2/\eta$.
    Heavy ball's radius is $\sqrt\beta$ on all of it: this is how far the kernel may move without
    any change of the rate. Nesterov's lower end is $\tfrac89\lambda_{\min}$ for the tuning of
    Liu, Tao and Pan.

    Args:
        method: A method with constant numbers.

    Returns:
        The two ends, double roots; equal if no eigenvalue has complex roots, as for gradient
        descent or where c < 0.

    Example:
        >>> from rootkappa.optimizers import heavy_ball
        >>> oscillatory_interval(heavy_ball(1.0, 0.25))
        (0.25, 2.25)
    """
    eta, beta, gamma = _modes.constants(method, _MATRIX)
    low, high = _modes.double_roots(beta, gamma)
    return max(low, 0.0) / eta, max(high, 0.0) / eta


def slowest_eigenvalue(method: Method, rate: float) -> float:
    r"""Give the least eigenvalue whose radius is still at most a rate.

    From 0 on the larger root r is real and falls. It solves
    $\eta\lambda = (1-r)(r-\beta)/((1+\gamma)r-\gamma)$ up to the lower double root, where it is
    $(\gamma+\sqrt c)/(1+\gamma)$ with $c = \beta-\gamma+\beta\gamma$. For c < 0 there is none,
    and it does so up to $p = 0$, where $-r$ is the other root and $r^2 = (\gamma-\beta)/(1+\gamma)$.

    Args:
        method: A method with constant numbers.
        rate: A rate in [r at that end, 1).

    Returns:
        The eigenvalue.

    Raises:
        ValueError: If the rate is 1 or more, or below r at that end.

    Example:
        >>> from rootkappa.optimizers import gradient_descent
        >>> slowest_eigenvalue(gradient_descent(0.5), 0.75)
        0.5
    """
    eta, beta, gamma = _modes.constants(method, _MATRIX)
    c = beta - gamma + beta * gamma
    fastest = (
        (gamma + math.sqrt(c)) / (1 + gamma) if c >= 0 else math.sqrt((gamma - beta) / (1 + gamma))
    )
    rate = _checks.number("rate", rate)
    if not fastest * (1 - 1e-9) <= rate < 1:
        raise ValueError(
            f"rate must lie in [{fastest:.6g}, 1) for {method.name}, got {rate}: the left end is "
            "where its real roots meet in modulus."
        )
    return (1 - rate) * (rate - beta) / ((1 + gamma) * rate - gamma) / eta


def stability_limit(method: Method, spectrum: Spectrum | None = None) -> float:
    """Give the largest stable eta lambda, (2 + 2 beta)/(1 + 2 gamma), or the step size it allows.

    There a root leaves the unit circle through -1. It is 2 for gradient descent, 2(1 + beta) for
    heavy ball and (2 + 2 beta)/(1 + 2 beta) for Nesterov, and does not depend on the method's own
    step size.

    Args:
        method: A method with constant numbers.
        spectrum: The spectrum on which to run it, or None for eta lambda itself.

    Returns:
        The limit of eta lambda, or of eta on the spectrum; strictly between 0 and it the method
        converges.

    Example:
        >>> from rootkappa.optimizers import gradient_descent, heavy_ball, nesterov
        >>> [stability_limit(m) for m in (gradient_descent(1.0), heavy_ball(1.0, 0.5))]
        [2.0, 3.0]
        >>> stability_limit(nesterov(1.0, 0.5), Spectrum(0.1, 10.0))
        0.15
    """
    _, beta, gamma = _modes.constants(method, "a stability limit")
    limit = (2 + 2 * beta) / (1 + 2 * gamma)
    if spectrum is None:
        return limit
    example = "Spectrum(lambda_min, lambda_max)"
    return limit / _checks.instance("spectrum", spectrum, Spectrum, example).lambda_max
