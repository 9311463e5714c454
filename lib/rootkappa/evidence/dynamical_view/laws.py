"""Reading power laws and exponentials off curves that oscillate."""

from __future__ import annotations

import numpy as np
import torch


def line(x: torch.Tensor, y: torch.Tensor) -> tuple[float, float]:
    """Fit a straight line.

    Args:
        x: Places, shape (S,).
        y: Values, shape (S,).

    Returns:
        Its slope, and the root-mean-square misfit.
    """
    slope, level = np.polyfit(x.numpy(), y.numpy(), 1)
    return float(slope), float((y - slope * x - level).square().mean().sqrt())


def power_law(x: torch.Tensor, y: torch.Tensor) -> tuple[float, float]:
    """Fit a power law, and an exponential beside it.

    Args:
        x: Places above 0, shape (S,).
        y: Values above 0, shape (S,).

    Returns:
        The exponent, and the misfit of the power law over that of the exponential.
    """
    slope, misfit = line(x.log(), y.log())
    return slope, misfit / line(x, y.log())[1]


def averages(
    t: torch.Tensor, values: torch.Tensor, window: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Average out an oscillation, under a smooth window, which leaks less than a plain mean.

    Args:
        t: Equidistant times, shape (S,).
        values: Their values, shape (..., S).
        window: How many of them a window holds. What is left over at the start is dropped.

    Returns:
        The middle of each window, and the averages there, shape (..., windows).
    """
    weights = torch.hann_window(window, dtype=torch.float64) * 2 / window
    kept = len(t) % window
    times, parts = (of[..., kept:].unflatten(-1, (-1, window)) for of in (t, values))
    return times @ weights, parts @ weights


def envelope(
    t: torch.Tensor, norms: torch.Tensor, exponent: float, window: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Give the logarithm of t^exponent times an oscillating norm, averaged as squares.

    Args:
        t: Equidistant times above 0, shape (S,).
        norms: Norms, shape (..., S).
        exponent: That of the power that is taken out.
        window: How many times a window holds.

    Returns:
        The middle of each window, and the logarithms, shape (..., windows).
    """
    times, squares = averages(t, (t**exponent * norms).square(), window)
    return times, squares.log() / 2
