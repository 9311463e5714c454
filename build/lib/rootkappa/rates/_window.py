"""Where a rate may be read: after the transient, above the rounding floor."""

from __future__ import annotations

import torch

from rootkappa import _checks

MIN_POINTS = 8


def clean(norms: torch.Tensor) -> torch.Tensor:
    """Return the norms of a run without the NaN entries after its end.

    Args:
        norms: Residual norms, shape (T + 1,).

    Returns:
        Norms in float64 on the CPU, shape (stop + 1,).

    Raises:
        ValueError: If the shape is not (T + 1,), an entry is NaN, infinite or negative, or the
            first is zero.
        TypeError: If the dtype is not a floating-point one.
    """
    if norms.ndim != 1 or len(norms) == 0:
        raise ValueError(
            f"norms must have shape (T + 1,), got {tuple(norms.shape)}: pass one replica at a "
            "time, or the whole trajectory to tail_factors."
        )
    kept = torch.nonzero(~torch.isnan(norms))
    values = norms[: int(kept[-1]) + 1] if kept.numel() else norms
    values = _checks.floating("norms", values.detach()).cpu().double()
    if float(values.min()) < 0 or float(values[0]) == 0:
        raise ValueError(
            f"norms must be at least 0 and start above 0, got {float(values.min())} as the least "
            f"and {float(values[0])} at the start: pass ||xi_t||, not its logarithm."
        )
    return values


def energy(norms: torch.Tensor) -> torch.Tensor:
    """Give ||(xi_t, xi_{t-1})|| / sqrt 2, which oscillates less than the norm.

    Args:
        norms: ||xi_t||, shape (T + 1,).

    Returns:
        Energies, shape (T + 1,); with xi_{-1} = xi_0.
    """
    before = torch.cat([norms[:1], norms[:-1]])
    return torch.hypot(norms, before) / 2**0.5


def choose(sizes: torch.Tensor, levels: tuple[float, float]) -> tuple[int, int]:
    """Choose the steps between two levels, and above a floor that the run reaches earlier.

    Args:
        sizes: Energies, shape (T + 1,).
        levels: Upper and lower level, relative to the start.

    Returns:
        First and last step.

    Raises:
        ValueError: If the levels are not ordered, the run never falls below the upper one, or
            fewer than eight steps lie between them.
    """
    upper, lower = levels
    if not 0 < lower < upper <= 1:
        raise ValueError(
            f"window must be (upper, lower) with 1 >= upper > lower > 0, got {levels}: "
            "use (1e-4, 1e-11)."
        )
    relative = sizes / sizes[0]
    least = float(relative.min())
    if least >= upper:
        raise ValueError(
            f"the residual falls only to {least:.3g} of its start in {len(sizes) - 1} steps, and "
            f"the window opens at {upper:g}: train longer, or raise the window's upper level."
        )
    first = int(torch.nonzero(relative < upper)[0])
    last = _end(relative, lower)
    if last - first + 1 < MIN_POINTS:
        raise ValueError(
            f"only {max(last - first + 1, 0)} steps lie between the levels {upper:g} and "
            f"{lower:g}, and a rate needs {MIN_POINTS}: widen the window or train longer."
        )
    return first, last


def _end(relative: torch.Tensor, lower: float) -> int:
    below = torch.nonzero(relative < lower)
    last = int(below[0]) - 1 if below.numel() else len(relative) - 1
    kept = relative[: last + 1]
    # A plateau: if the last factor of ten takes as long as all the rest, the run sits on a floor.
    floor = 10 * float(kept.min())
    entered = int(torch.nonzero(kept < floor)[0]) if floor > 0 else last
    if len(kept) - entered > max(entered, MIN_POINTS) and entered > 0:
        return entered - 1
    return last
