"""Companion matrices of the methods on one eigenvalue: radius, oscillation, stability.

For a kernel that stays frozen, the pair (xi_{t+1}, xi_t) of residuals follows, mode by mode,

    M = [[p, -q], [1, 0]],   p = 1 + beta - eta lambda (1 + gamma),   q = beta - eta lambda gamma.

Its radius is the rate of the theorems; `powers` has their prefactor.
"""

from __future__ import annotations

import torch

from rootkappa.dynamics import _modes
from rootkappa.optimizers.method import Method


def companion(method: Method, eigenvalues: torch.Tensor) -> torch.Tensor:
    """Give the companion matrix of each mode.

    Args:
        method: A method with constant numbers.
        eigenvalues: Eigenvalues of the kernel, shape (...).

    Returns:
        Matrices [[p, -q], [1, 0]], shape (..., 2, 2).

    Example:
        >>> from rootkappa.optimizers.method import heavy_ball
        >>> companion(heavy_ball(0.5, 0.25), torch.tensor([1.0])).tolist()
        [[[0.75, -0.25], [1.0, 0.0]]]
    """
    solved = _modes.modes(method, eigenvalues)
    one, zero = torch.ones_like(solved.p), torch.zeros_like(solved.p)
    entries = torch.stack([solved.p, -solved.q, one, zero], -1)
    return entries.reshape(*solved.p.shape, 2, 2)


def spectral_radius(method: Method, eigenvalues: torch.Tensor) -> torch.Tensor:
    """Give the factor by which each mode contracts in the long run.

    A complex pair has modulus sqrt(q), real roots (|p| + sqrt(p^2 - 4q))/2. The closed form keeps
    full accuracy where `torch.linalg.eigvals` keeps half of the digits: next to a double root. At
    the double root itself the radius moves as the square root of beta and lambda, so half of the
    digits is all that the stored numbers determine.

    Args:
        method: A method with constant numbers.
        eigenvalues: Eigenvalues of the kernel, shape (...).

    Returns:
        Radii, shape (...).

    Example:
        >>> from rootkappa.optimizers.method import gradient_descent, heavy_ball
        >>> spectral_radius(gradient_descent(0.5), torch.tensor([0.5, 1.0])).tolist()
        [0.75, 0.5]
        >>> spectral_radius(heavy_ball(1.0, 0.25), torch.tensor([0.5, 1.0])).tolist()
        [0.5, 0.5]
    """
    return _modes.modes(method, eigenvalues).radius


def is_oscillatory(method: Method, eigenvalues: torch.Tensor) -> torch.Tensor:
    """Say which modes have a complex pair of roots, and so oscillate as they decay.

    Args:
        method: A method with constant numbers.
        eigenvalues: Eigenvalues of the kernel, shape (...).

    Returns:
        Booleans, shape (...). A double root counts as real.

    Example:
        >>> from rootkappa.optimizers.method import heavy_ball
        >>> is_oscillatory(heavy_ball(1.0, 0.25), torch.tensor([0.1, 1.0])).tolist()
        [False, True]
    """
    return _modes.modes(method, eigenvalues).oscillatory


def oscillatory_interval(method: Method) -> tuple[float, float]:
    r"""Give the eigenvalues between which the roots are complex.

    With $c = \beta - \gamma + \beta\gamma$ the ends are
    $\big((1-\beta)/(1+\sqrt c)\big)^2/\eta$ and $\big((1+\sqrt c)/(1+\gamma)\big)^2/\eta$.
    Heavy ball's radius is $\sqrt\beta$ on all of it: this is how far the kernel may move without
    any change of the rate. Nesterov's lower end is $\tfrac89\lambda_{\min}$ for the tuning of
    Liu, Tao and Pan.

    Args:
        method: A method with constant numbers.

    Returns:
        The two ends; equal if no eigenvalue has complex roots, as for gradient descent.

    Example:
        >>> from rootkappa.optimizers.method import heavy_ball
        >>> oscillatory_interval(heavy_ball(1.0, 0.25))
        (0.25, 2.25)
    """
    eta, beta, gamma = _modes.constants(method)
    low, high = _modes.double_roots(beta, gamma)
    return low / eta, high / eta


def slowest_eigenvalue(method: Method, rate: float) -> float:
    r"""Give the least eigenvalue whose radius is still at most a rate.

    Below the oscillatory interval the larger root r is real, and solves
    $\eta\lambda = (1-r)(r-\beta)/((1+\gamma)r-\gamma)$.

    Args:
        method: A method with constant numbers.
        rate: A rate in [radius at the lower double root, 1).

    Returns:
        The eigenvalue.

    Raises:
        ValueError: If the rate is 1 or more, or below the radius at the lower double root.

    Example:
        >>> from rootkappa.optimizers.method import gradient_descent
        >>> slowest_eigenvalue(gradient_descent(0.5), 0.75)
        0.5
    """
    eta, beta, gamma = _modes.constants(method)
    low, _ = _modes.double_roots(beta, gamma)
    fastest = abs(1 + beta - (1 + gamma) * low) / 2
    if not fastest * (1 - 1e-9) <= rate < 1:
        raise ValueError(
            f"rate must lie in [{fastest:.6g}, 1) for {method.name}, got {rate}: the left end is "
            "the radius at its double root."
        )
    return (1 - rate) * (rate - beta) / ((1 + gamma) * rate - gamma) / eta


def stability_limit(method: Method) -> float:
    """Give the largest stable eta lambda, (2 + 2 beta)/(1 + 2 gamma).

    There a root leaves the unit circle through -1. It is 2 for gradient descent, 2(1 + beta) for
    heavy ball and (2 + 2 beta)/(1 + 2 beta) for Nesterov.

    Args:
        method: A method with constant numbers.

    Returns:
        The limit; at every eta lambda strictly between 0 and it the method converges.

    Example:
        >>> from rootkappa.optimizers.method import gradient_descent, heavy_ball, nesterov
        >>> [stability_limit(m) for m in (gradient_descent(1.0), heavy_ball(1.0, 0.5))]
        [2.0, 3.0]
        >>> stability_limit(nesterov(1.0, 0.5))
        1.5
    """
    _, beta, gamma = _modes.constants(method)
    return (2 + 2 * beta) / (1 + 2 * gamma)
