"""Classical tunings as functions of the extreme eigenvalues of the Hessian or kernel.

Each gives the method; the factor by which it contracts a quadratic stands in its docstring, with
kappa = lambda_max / lambda_min.
"""

from __future__ import annotations

import math

from rootkappa import _checks
from rootkappa.optimizers.method import Method, gradient_descent, heavy_ball, nesterov


def _kappa(lambda_min: float, lambda_max: float) -> float:
    _checks.positive("lambda_min", lambda_min)
    if not (math.isfinite(lambda_max) and lambda_max >= lambda_min):
        raise ValueError(
            f"lambda_max must be finite and at least lambda_min = {lambda_min}, got "
            f"{lambda_max}: swap the two."
        )
    return lambda_max / lambda_min


def classical_gradient_descent(lambda_min: float, lambda_max: float) -> Method:
    """Gradient descent with eta = 1/lambda_max: contracts by 1 - 1/kappa.

    Args:
        lambda_min: Least eigenvalue, above 0.
        lambda_max: Greatest eigenvalue.

    Returns:
        The method.
    """
    _kappa(lambda_min, lambda_max)
    return gradient_descent(1 / lambda_max)


def optimal_gradient_descent(lambda_min: float, lambda_max: float) -> Method:
    """Gradient descent with eta = 2/(lambda_max + lambda_min): (kappa - 1)/(kappa + 1).

    Args:
        lambda_min: Least eigenvalue, above 0.
        lambda_max: Greatest eigenvalue.

    Returns:
        The method.
    """
    _kappa(lambda_min, lambda_max)
    return gradient_descent(2 / (lambda_max + lambda_min))


def modular_heavy_ball(lambda_min: float, lambda_max: float) -> Method:
    """Heavy ball with eta = 1/lambda_max, beta = (1 - 1/(2 sqrt kappa))^2: 1 - 1/(2 sqrt kappa).

    Args:
        lambda_min: Least eigenvalue, above 0.
        lambda_max: Greatest eigenvalue.

    Returns:
        The method.

    Source: Wang, Lin and Abernethy (2021), tuning of all their theorems.
    """
    kappa = _kappa(lambda_min, lambda_max)
    return heavy_ball(1 / lambda_max, (1 - 0.5 / math.sqrt(kappa)) ** 2)


def optimal_heavy_ball(lambda_min: float, lambda_max: float) -> Method:
    """Heavy ball tuned for quadratics, Polyak (1964): (sqrt kappa - 1)/(sqrt kappa + 1).

    Args:
        lambda_min: Least eigenvalue, above 0.
        lambda_max: Greatest eigenvalue.

    Returns:
        The method.
    """
    root = math.sqrt(_kappa(lambda_min, lambda_max))
    step_size = 4 / (math.sqrt(lambda_max) + math.sqrt(lambda_min)) ** 2
    return heavy_ball(step_size, ((root - 1) / (root + 1)) ** 2)


def lazy_nesterov(lambda_min: float, lambda_max: float) -> Method:
    """Nesterov with eta = 1/(2 lambda_max), beta = (3 sqrt kappa - 2)/(3 sqrt kappa + 2).

    Contracts by sqrt(beta (1 - 1/(2 kappa))), at most 1 - 2/(3 sqrt kappa).

    Args:
        lambda_min: Least eigenvalue, above 0.
        lambda_max: Greatest eigenvalue.

    Returns:
        The method.

    Source: Liu, Tao and Pan (2022) and Liu, Pan and Tao (2022), tuning of their theorems
    (wording reconstructed).
    """
    root = math.sqrt(_kappa(lambda_min, lambda_max))
    return nesterov(0.5 / lambda_max, (3 * root - 2) / (3 * root + 2))


def classical_nesterov(lambda_min: float, lambda_max: float) -> Method:
    """Nesterov with eta = 1/lambda_max, beta = (sqrt kappa - 1)/(sqrt kappa + 1): 1 - kappa^-1/2.

    Args:
        lambda_min: Least eigenvalue, above 0.
        lambda_max: Greatest eigenvalue.

    Returns:
        The method.
    """
    root = math.sqrt(_kappa(lambda_min, lambda_max))
    return nesterov(1 / lambda_max, (root - 1) / (root + 1))


def optimal_nesterov(lambda_min: float, lambda_max: float) -> Method:
    """Nesterov tuned for quadratics: 1 - 2/sqrt(3 kappa + 1).

    Args:
        lambda_min: Least eigenvalue, above 0.
        lambda_max: Greatest eigenvalue.

    Returns:
        The method.

    Source: Lessard, Recht and Packard (2016), Proposition 1.
    """
    root = math.sqrt(3 * _kappa(lambda_min, lambda_max) + 1)
    return nesterov(4 / (3 * lambda_max + lambda_min), (root - 2) / (root + 2))
