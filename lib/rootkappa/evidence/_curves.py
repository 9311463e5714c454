"""Curves and numbers as the figures that move store them: few digits, and nothing infinite."""

from __future__ import annotations

import math

import torch

# What a run that diverges is drawn as.
_FAR = 99.0


def logarithms(values: torch.Tensor, every: int) -> list[int]:
    """Give a hundred times the logarithm to base ten, of some steps.

    Args:
        values: Shape (T + 1,).
        every: How many steps lie between two that are kept.

    Returns:
        Whole numbers.
    """
    seen = values[::every].log10().nan_to_num(_FAR, _FAR).clamp(max=_FAR)
    return [round(100 * float(value)) for value in seen]


def short(value: torch.Tensor | float) -> float:
    """Round to three digits.

    Args:
        value: One number.

    Returns:
        The number, or one far away if it is not finite.
    """
    return float(f"{float(value):.3g}") if math.isfinite(float(value)) else _FAR


def paired(residuals: torch.Tensor) -> torch.Tensor:
    """Give ||(xi_t, xi_{t-1})|| over ||(xi_0, xi_0)||, as theorems with momentum read a run.

    Args:
        residuals: Shape (R, T + 1, n).

    Returns:
        Shape (R, T + 1).
    """
    squares = residuals.square().sum(2)
    before = torch.cat([squares[:, :1], squares[:, :-1]], 1)
    return ((squares + before) / (2 * squares[:, :1])).sqrt()
