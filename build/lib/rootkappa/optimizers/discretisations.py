"""Heavy ball as a discretisation of a flow with friction, in the time t = k sqrt(eta).

Central differences of W'' + b(t) W' + grad L(W) = 0 with step sqrt(eta) give heavy ball with
1 - beta = b(t) sqrt(eta). For the vanishing friction b(t) = r/t = r/(k sqrt(eta)) the step size
drops out: 1 - beta_k = r/k, to leading order the schedule (k - 1)/(k + r - 1). Nesterov's method
discretises the same flows, but evaluates the gradient ahead.
"""

from __future__ import annotations

import math
from dataclasses import replace

from rootkappa import _checks
from rootkappa.optimizers.method import Method, heavy_ball
from rootkappa.optimizers.schedules import NesterovSchedule


def constant_friction(step_size: float, friction: float) -> Method:
    """Heavy ball with momentum 1 - b sqrt(eta): discretises W'' + b W' + grad L(W) = 0.

    Args:
        step_size: eta, above 0.
        friction: b, above 0 and at most 1/sqrt(eta).

    Returns:
        The method.

    Raises:
        ValueError: If the friction is not above 0, or so large that the momentum would be negative.

    Example:
        >>> constant_friction(0.01, 2.0).momentum
        0.8
    """
    root = math.sqrt(_checks.positive("step size", step_size))
    _checks.positive("friction b", friction)
    if friction * root > 1:
        raise ValueError(
            f"friction b = {friction} at step size {step_size} needs momentum "
            f"{1 - friction * root:.3g}: take a step size of at most {1 / friction**2:.3g}."
        )
    method = heavy_ball(step_size, 1 - friction * root)
    return replace(method, name=f"heavy ball, friction {friction:g}")


def vanishing_friction(step_size: float, r: float = 3.0) -> Method:
    """Heavy ball with momentum (k - 1)/(k + r - 1): discretises W'' + (r/t) W' + grad L(W) = 0.

    Args:
        step_size: eta, above 0.
        r: The friction, above 0.

    Returns:
        The method.

    Example:
        >>> vanishing_friction(0.1).coefficients(4)
        (0.1, 0.5, 0.0)
    """
    return replace(heavy_ball(step_size, NesterovSchedule(r)), name=f"heavy ball, friction {r:g}/t")
