"""Nesterov's method with momentum (k - 1)/(k + r - 1) on a quadratic, solved exactly.

For a mode with q = 1 - eta lambda in [0, 1], started at 1 and read at the evaluation point,

    y_k = q^(k/2) C_k(sqrt q)/C_k(1),   x_k = q y_{k-1},

with the Gegenbauer polynomials C_k of index r/2. Proof: put y_k = q^(k/2) u_k into
x_{k+1} = q y_k, y_k = x_k + (k - 1)/(k + r - 1) (x_k - x_{k-1}). It becomes their recurrence,

    (k + r) u_{k+1} = (2k + r) sqrt(q) u_k - k u_{k-1},   u_0 = 1, u_1 = sqrt(q).

Related Legendre and Jacobi forms are known from the average-case analysis of Nesterov's method
(Paquette, van Merrienboer, Paquette and Pedregosa; Berthier, Bach and Gaillard).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from rootkappa import _checks
from rootkappa.dynamics.flows import VanishingFriction


def gegenbauer_response(r: float, products: Any, steps: int) -> torch.Tensor:
    """Give y_0, ..., y_T from the normalised recurrence, which neither over- nor underflows early.

    Args:
        r: The friction of the schedule, above 0.
        products: eta lambda of each mode, within [0, 1], shape (...).
        steps: T, at least 0.

    Returns:
        Responses at the evaluation point, shape (..., T + 1), in float64.

    Example:
        >>> gegenbauer_response(3.0, [0.75], 3).tolist()
        [[1.0, 0.25, 0.015625, -0.01953125]]
    """
    r, steps = _checks.positive("friction r", r), _checks.count("steps", steps, 0)
    root = (1 - _products(products)).sqrt()
    polynomials = [torch.ones_like(root), root]
    for k in range(1, steps):
        before, now = polynomials[-2:]
        polynomials.append(((2 * k + r) * root * now - k * before) / (k + r))
    powers = root.unsqueeze(-1) ** torch.arange(steps + 1).to(root)
    return powers * torch.stack(polynomials[: steps + 1], -1)


def legendre_iterates(products: Any, steps: int) -> torch.Tensor:
    """Give x_1, ..., x_T of the schedule with r = 3 from derivatives of Legendre polynomials.

    x_k = q^((k + 1)/2) 2 P_k'(sqrt q)/(k (k + 1)). SciPy evaluates the polynomials, so this shares
    nothing with the recurrence.

    Args:
        products: eta lambda of each mode, within (0, 1], shape (...).
        steps: T, at least 1.

    Returns:
        Iterates, shape (..., T), in float64.

    Raises:
        ValueError: If a product is 0.

    Example:
        >>> legendre_iterates([0.75], 2).tolist()
        [[0.25, 0.0625]]
    """
    from scipy import special  # a third of a second, for this function alone

    y = _products(products).unsqueeze(-1)
    if not bool((y > 0).all()):
        raise ValueError("eta lambda must be above 0, got 0: a mode without curvature stays at 1.")
    k = np.arange(1, _checks.count("steps", steps) + 1)
    root = (1 - y).sqrt()
    x = root.cpu().numpy()
    difference = torch.as_tensor(special.eval_legendre(k - 1, x) - x * special.eval_legendre(k, x))
    # P_k'(x) = k (P_{k-1}(x) - x P_k(x))/(1 - x^2)
    order = torch.as_tensor(k, dtype=torch.float64)
    return root ** (order + 1) * 2 * difference.to(y) / ((order + 1) * y)


def two_factor_response(r: float, products: Any, steps: int, sharp: bool = False) -> torch.Tensor:
    """Give the flow times the geometric factor that it misses: y_k ~ q^(k/2) X_r((k + r/2) theta).

    Here cos(theta) = sqrt(q), and X_r is the Bessel profile of the flow at lambda = 1. By the
    asymptotics of Hilb the error is of second order in sqrt(eta).

    Args:
        r: The friction of the schedule, above 0.
        products: eta lambda of each mode, within [0, 1], shape (...).
        steps: T, at least 0.
        sharp: Whether to multiply by (theta/sin theta)^(r/2), which is exact for r = 2.

    Returns:
        Approximate responses, shape (..., T + 1), in float64.

    Example:
        >>> exact, sharp = (
        ...     gegenbauer_response(2.0, [0.3], 50),
        ...     two_factor_response(2.0, [0.3], 50, sharp=True),
        ... )
        >>> torch.allclose(sharp, exact, atol=1e-14)
        True
    """
    flow = VanishingFriction(r)
    y = _products(products)
    theta = torch.asin(y.sqrt()).unsqueeze(-1)
    k = torch.arange(_checks.count("steps", steps, 0) + 1).to(y)
    angles = (k + flow.r / 2) * theta
    profile = flow.response([1.0], angles.flatten()).reshape(angles.shape).to(y)
    correction = torch.sinc(theta / torch.pi) ** (-flow.r / 2) if sharp else 1.0
    return (1 - y).sqrt().unsqueeze(-1) ** k * profile * correction


def _products(products: Any) -> torch.Tensor:
    y = _checks.floating("eta lambda", products).double()
    if y.numel() and not (float(y.min()) >= 0 and float(y.max()) <= 1):
        raise ValueError(
            f"eta lambda must lie in [0, 1], got {float(y.min())} to {float(y.max())}: use a step "
            "size of at most 1/lambda_max."
        )
    return y
