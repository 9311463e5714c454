"""The flows as a numerical integrator sees them: on any gradient function, mode or network.

It knows nothing of the closed forms, which are tested against it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from scipy import integrate

from rootkappa import _checks
from rootkappa.dynamics.flows import ConstantFriction, Flow, GradientFlow, VanishingFriction

Array = npt.NDArray[np.float64]


def integrate_flow(
    flow: Flow,
    gradient: Callable[[torch.Tensor], torch.Tensor],
    start: torch.Tensor,
    times: torch.Tensor,
    tolerance: float = 1e-13,
) -> torch.Tensor:
    """Integrate a flow from rest with the Dormand-Prince method of order 8.

    Args:
        flow: The flow, which gives the friction only.
        gradient: The gradient of the loss at a point, of any shape.
        start: W(0), in float64; W'(0) = 0.
        times: Increasing times, at least 0, shape (S,).
        tolerance: Relative error a step; the absolute one is the same times the state's
            largest entry.

    Returns:
        W at each time, shape (S, ...).

    Raises:
        ValueError: If the times do not increase from 0 on.
        TypeError: If the flow is not one of this package.
        RuntimeError: If the integrator gives up.

    Example:
        >>> one = torch.ones(1, dtype=torch.float64)
        >>> moved = integrate_flow(GradientFlow(), lambda w: w, one, one)
        >>> round(float(moved), 10) == round(float(torch.exp(-one)), 10)
        True
    """
    t = _checks.floating("times", times).double().cpu().numpy()
    if t.ndim != 1 or not len(t) or t[0] < 0 or bool((np.diff(t) <= 0).any()):
        raise ValueError(
            f"times must increase from 0 on, got {t.tolist()[:4]}...: sort them and drop repeats."
        )
    size = start.numel()

    def slope(w: Array) -> Array:
        point = torch.as_tensor(w, dtype=start.dtype).reshape(start.shape)
        return gradient(point).detach().reshape(-1).numpy()

    def first_order(_: float, state: Array) -> Array:
        return -slope(state)

    def second_order(now: float, state: Array) -> Array:
        w, v = state[:size], state[size:]
        return np.concatenate([v, _force(flow, now, v, slope(w))])

    first = start.detach().reshape(-1).numpy()
    system = first_order if isinstance(flow, GradientFlow) else second_order
    state = first if isinstance(flow, GradientFlow) else np.concatenate([first, 0 * first])
    now, path = 0.0, []
    for ahead in t.tolist():
        # Stop at every time: the interpolant between steps has fewer digits than the steps.
        if ahead > now:
            state = _advance(system, state, (now, ahead), tolerance)
        now = ahead
        path.append(torch.as_tensor(state[:size].copy()).reshape(start.shape))
    return torch.stack(path)


def _advance(
    system: Callable[[float, Array], Array],
    state: Array,
    span: tuple[float, float],
    tolerance: float,
) -> Array:
    found = integrate.solve_ivp(
        system,
        span,
        state,
        method="DOP853",
        rtol=max(tolerance, 2.5e-14),
        atol=tolerance * float(np.abs(state).max(initial=1e-300)),
    )
    if not found.success:
        raise RuntimeError(f"the integrator stopped: {found.message} Raise the tolerance.")
    ahead: Array = found.y[:, -1]
    return ahead


def _force(flow: Flow, now: float, velocity: Array, slope: Array) -> Array:
    if isinstance(flow, ConstantFriction):
        return -flow.b * velocity - slope
    if isinstance(flow, VanishingFriction):
        # From rest W'(t) = t W''(0) + ..., so at t = 0 the equation reads (1 + r) W'' = -slope.
        return -slope / (1 + flow.r) if now == 0 else -flow.r / now * velocity - slope
    raise TypeError(f"{flow!r} has no friction: use ConstantFriction or VanishingFriction.")
