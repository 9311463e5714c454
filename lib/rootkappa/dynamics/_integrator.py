"""A numerical integrator for flows on any gradient function, mode or network.

It knows nothing of the closed forms, which are tested against it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch

Array = npt.NDArray[np.float64]

# The error a step, relative to the state, below which the Dormand-Prince method cannot go.
_FINEST = 2.5e-14


def integrate(
    field: Callable[[float, torch.Tensor], torch.Tensor],
    start: torch.Tensor,
    times: torch.Tensor,
    tolerance: float,
) -> torch.Tensor:
    """Follow a state S' = field(t, S) with the Dormand-Prince method of order 8.

    Args:
        field: The derivative of the state at a time.
        start: The state at time 0, of any shape.
        times: Increasing times, at least 0, shape (S,).
        tolerance: Relative error a step; the absolute one is the same times the state's
            largest entry, or, of zeros, times what their derivative would lead to.

    Returns:
        The states, shape (S, ...).
    """
    now, state, path = 0.0, start, []
    for ahead in times.tolist():
        # Stop at every time: the interpolant between steps has fewer digits than the steps.
        state = _advance(field, state, now, ahead, tolerance) if ahead > now else state
        now = ahead
        path.append(state)
    return torch.stack(path)


def _advance(
    field: Callable[[float, torch.Tensor], torch.Tensor],
    state: torch.Tensor,
    now: float,
    ahead: float,
    tolerance: float,
) -> torch.Tensor:
    from scipy import integrate as scipy_integrate  # a third of a second, for these flows alone

    def slope(t: float, flat: Array) -> Array:
        moved = field(t, torch.as_tensor(flat.copy()).to(state).reshape(state.shape))
        return moved.detach().reshape(-1).double().cpu().numpy()

    size = float(state.abs().max())
    if size == 0:  # an error relative to nothing would never be met
        size = float(field(now, state).abs().max()) * (ahead - now)
    found = scipy_integrate.solve_ivp(
        slope,
        (now, ahead),
        state.detach().reshape(-1).cpu().numpy(),
        method="DOP853",
        rtol=max(tolerance, _FINEST),
        atol=tolerance * max(size, 1e-300),
    )
    if not found.success:
        raise RuntimeError(f"the integrator stopped: {found.message} Raise the tolerance.")
    return torch.as_tensor(found.y[:, -1].copy()).to(state).reshape(state.shape)
