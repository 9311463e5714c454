"""Classical tunings as functions of the extreme eigenvalues of the Hessian or kernel.

Each takes a spectrum, or its two ends, and gives the method. The factor by which it contracts a
quadratic stands in its docstring, with kappa = lambda_max / lambda_min.
"""

from __future__ import annotations

import math

from rootkappa.optimizers.method import Method, gradient_descent, heavy_ball, nesterov
from rootkappa.problems import Spectrum


def classical_gradient_descent(
    spectrum: Spectrum | float, lambda_max: float | None = None
) -> Method:
    """Gradient descent with eta = 1/lambda_max: contracts by 1 - 1/kappa.

    Args:
        spectrum: The kernel's spectrum; or its least eigenvalue, above 0.
        lambda_max: Its greatest eigenvalue, if numbers are given.

    Returns:
        The method.
    """
    bounds = Spectrum.read(spectrum, lambda_max)
    return gradient_descent(1 / bounds.lambda_max)


def optimal_gradient_descent(spectrum: Spectrum | float, lambda_max: float | None = None) -> Method:
    """Gradient descent with eta = 2/(lambda_max + lambda_min): (kappa - 1)/(kappa + 1).

    Args:
        spectrum: The kernel's spectrum; or its least eigenvalue, above 0.
        lambda_max: Its greatest eigenvalue, if numbers are given.

    Returns:
        The method.
    """
    bounds = Spectrum.read(spectrum, lambda_max)
    return gradient_descent(2 / (bounds.lambda_max + bounds.lambda_min))


def modular_heavy_ball(spectrum: Spectrum | float, lambda_max: float | None = None) -> Method:
    """Heavy ball with eta = 1/lambda_max, beta = (1 - 1/(2 sqrt kappa))^2: 1 - 1/(2 sqrt kappa).

    Args:
        spectrum: The kernel's spectrum; or its least eigenvalue, above 0.
        lambda_max: Its greatest eigenvalue, if numbers are given.

    Returns:
        The method.

    Source: Wang, Lin and Abernethy (2021), tuning of all their theorems.
    """
    bounds = Spectrum.read(spectrum, lambda_max)
    return heavy_ball(1 / bounds.lambda_max, (1 - 0.5 / math.sqrt(bounds.kappa)) ** 2)


def optimal_heavy_ball(spectrum: Spectrum | float, lambda_max: float | None = None) -> Method:
    """Heavy ball tuned for quadratics, Polyak (1964): (sqrt kappa - 1)/(sqrt kappa + 1).

    Args:
        spectrum: The kernel's spectrum; or its least eigenvalue, above 0.
        lambda_max: Its greatest eigenvalue, if numbers are given.

    Returns:
        The method.
    """
    bounds = Spectrum.read(spectrum, lambda_max)
    root = math.sqrt(bounds.kappa)
    step_size = 4 / (math.sqrt(bounds.lambda_max) + math.sqrt(bounds.lambda_min)) ** 2
    return heavy_ball(step_size, ((root - 1) / (root + 1)) ** 2)


def lazy_nesterov(spectrum: Spectrum | float, lambda_max: float | None = None) -> Method:
    """Nesterov with eta = 1/(2 lambda_max), beta = (3 sqrt kappa - 2)/(3 sqrt kappa + 2).

    Contracts by sqrt(beta (1 - 1/(2 kappa))), at most 1 - 2/(3 sqrt kappa).

    Args:
        spectrum: The kernel's spectrum; or its least eigenvalue, above 0.
        lambda_max: Its greatest eigenvalue, if numbers are given.

    Returns:
        The method.

    Source: Liu, Tao and Pan (2022) and Liu, Pan and Tao (2022), tuning of their theorems
    (wording reconstructed).
    """
    bounds = Spectrum.read(spectrum, lambda_max)
    root = math.sqrt(bounds.kappa)
    return nesterov(0.5 / bounds.lambda_max, (3 * root - 2) / (3 * root + 2))


def classical_nesterov(spectrum: Spectrum | float, lambda_max: float | None = None) -> Method:
    """Nesterov with eta = 1/lambda_max, beta = (sqrt kappa - 1)/(sqrt kappa + 1): 1 - kappa^-1/2.

    Args:
        spectrum: The kernel's spectrum; or its least eigenvalue, above 0.
        lambda_max: Its greatest eigenvalue, if numbers are given.

    Returns:
        The method.
    """
    bounds = Spectrum.read(spectrum, lambda_max)
    root = math.sqrt(bounds.kappa)
    return nesterov(1 / bounds.lambda_max, (root - 1) / (root + 1))


def optimal_nesterov(spectrum: Spectrum | float, lambda_max: float | None = None) -> Method:
    """Nesterov tuned for quadratics: 1 - 2/sqrt(3 kappa + 1).

    Args:
        spectrum: The kernel's spectrum; or its least eigenvalue, above 0.
        lambda_max: Its greatest eigenvalue, if numbers are given.

    Returns:
        The method.

    Source: Lessard, Recht and Packard (2016), Proposition 1.
    """
    bounds = Spectrum.read(spectrum, lambda_max)
    root = math.sqrt(3 * bounds.kappa + 1)
    step_size = 4 / (3 * bounds.lambda_max + bounds.lambda_min)
    return nesterov(step_size, (root - 2) / (root + 2))
