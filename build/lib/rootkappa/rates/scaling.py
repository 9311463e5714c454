"""Exponents of power laws, with an interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from scipy import stats

_LEAST = 3


@dataclass(frozen=True)
class Exponent:
    """A fitted power law y = exp(intercept) x^value.

    Args:
        value: The exponent.
        interval: Its confidence interval, from Student's t.
        intercept: Logarithm of the prefactor.
        points: How many points were fitted.
    """

    value: float
    interval: tuple[float, float]
    intercept: float
    points: int

    def contains(self, exponent: float) -> bool:
        """Say whether an exponent lies in the interval.

        Args:
            exponent: The exponent in question.

        Returns:
            Whether it does, ends included.
        """
        return self.interval[0] <= exponent <= self.interval[1]


def scaling_exponent(
    x: Sequence[float] | torch.Tensor,
    y: Sequence[float] | torch.Tensor,
    confidence: float = 0.95,
    weights: Sequence[float] | torch.Tensor | None = None,
) -> Exponent:
    """Fit log y = intercept + value log x by least squares.

    The interval is Student's, with n - 2 degrees of freedom: it assumes independent errors of
    equal variance in log y (or variance 1/weight). A law that is only asymptotic bends, and the
    interval then says little about the limit. Replicates are points that share their x; average
    them instead if they share their randomness across x.

    Args:
        x: Positive numbers, shape (n,); or shared by the columns of y.
        y: Positive numbers, shape (n,), or (n, replicates).
        confidence: Coverage of the interval, in (0, 1).
        weights: Positive weights, the shape of y; all alike if None.

    Returns:
        The exponent with its interval.

    Raises:
        ValueError: If there are fewer than three points or two different x, a number is not
            positive and finite, the shapes differ, or `confidence` lies outside (0, 1).

    Example:
        >>> fit = scaling_exponent([1.0, 10.0, 100.0], [2.0, 20.0, 200.0])
        >>> round(fit.value, 12), round(math.exp(fit.intercept), 12)
        (1.0, 2.0)
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie in (0, 1), got {confidence}: use 0.95.")
    values = _positive("y", y)
    columns = _positive("x", x)
    if columns.ndim == 1 and values.ndim == 2 and len(columns) == len(values):
        columns = columns.unsqueeze(1).expand_as(values)
    shares = torch.ones_like(values) if weights is None else _positive("weights", weights)
    if columns.shape != values.shape or shares.shape != values.shape:
        raise ValueError(
            f"x has shape {tuple(columns.shape)}, y {tuple(values.shape)} and weights "
            f"{tuple(shares.shape)}: give one x and one weight for each y."
        )
    log_x, log_y, share = (t.reshape(-1) for t in (columns.log(), values.log(), shares))
    points = len(log_x)
    centred = log_x - (share * log_x).sum() / share.sum()
    spread = float((share * centred.square()).sum())
    if points < _LEAST or not spread > 0:
        raise ValueError(
            f"got {points} points at {len(log_x.unique())} different x, and an exponent with an "
            f"interval needs {_LEAST} points at 2 or more: sweep over more values."
        )
    mean_y = float((share * log_y).sum() / share.sum())
    slope = float((share * centred * log_y).sum()) / spread
    misfit = log_y - mean_y - slope * centred
    error = math.sqrt(float((share * misfit.square()).sum()) / (points - 2) / spread)
    reach = error * float(stats.t.ppf(0.5 + confidence / 2, points - 2))
    intercept = mean_y - slope * float(log_x[0] - centred[0])
    return Exponent(slope, (slope - reach, slope + reach), intercept, points)


def _positive(name: str, numbers: Sequence[float] | torch.Tensor) -> torch.Tensor:
    tensor = torch.as_tensor(numbers, dtype=torch.float64, device="cpu").detach()
    bad = tensor[~((tensor > 0) & torch.isfinite(tensor))]
    if len(bad):
        raise ValueError(
            f"{name} must hold finite numbers above 0, got {float(bad[0])}: a logarithm is taken, "
            "so drop runs that diverged or never arrived."
        )
    return tensor
