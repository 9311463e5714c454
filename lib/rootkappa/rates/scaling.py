"""Exponents of power laws, with an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from rootkappa import _checks
from rootkappa.rates._residuals import Array, ArrayLike, as_float64

_LEAST = 3
_LEAST_CORRECTED = 5
# Powers w of the corrections 1 + c x^-w.
_CORRECTIONS = (0.5, 1.0)
# Range of log(1 + c x^-w) at the least x.
_LOG_SIZES = (-2.0, 5.0)


@dataclass(frozen=True)
class Exponent:
    """A fitted power law y = exp(intercept) x^value.

    Args:
        value: The exponent.
        interval: Its confidence interval.
        intercept: Logarithm of the prefactor.
        points: How many values of x were fitted.
        degrees: Degrees of freedom of Student's t, by Satterthwaite.
    """

    value: float
    interval: tuple[float, float]
    intercept: float
    points: int
    degrees: float

    def contains(self, exponent: float) -> bool:
        """Say whether an exponent lies in the interval.

        Args:
            exponent: The exponent in question.

        Returns:
            Whether it does, ends included.
        """
        return self.interval[0] <= exponent <= self.interval[1]


def scaling_exponent(
    x: ArrayLike,
    y: ArrayLike,
    confidence: float = 0.95,
    rounded: bool = False,
    corrections: bool = False,
) -> Exponent:
    """Fit log y = intercept + value log x by least squares, with an interval that covers.

    Columns of y are seeds, and a seed may be shared by all x, as it is where one start is followed
    through a sweep. Two variances are added: that of the slopes of the seeds' own lines, and that
    of the misfit of their mean, which holds what a value of x does to all seeds. With one column
    and neither option it is Student's interval with n - 2 degrees of freedom.

    Args:
        x: Positive numbers, shape (n,), at least three.
        y: Positive numbers, shape (n,) or (n, seeds).
        confidence: Coverage of the interval, in (0, 1).
        rounded: Whether y are counts, each the first whole number that is not below a true value:
            the range of the slope over all such values is added.
        corrections: Whether the law may hold only for large x, as C x^b (1 + c x^-w): the hull
            over w = 1/2, w = 1 and no correction. It needs five values of x.

    Returns:
        The exponent with its interval.

    Raises:
        ValueError: If there are too few points or different x, a number is not positive and
            finite, a count is 1, the shapes differ, or `confidence` lies outside (0, 1).

    Source: Satterthwaite (1946) for the degrees of freedom.

    Example:
        >>> fit = scaling_exponent([1.0, 10.0, 100.0], [2.0, 20.0, 200.0])
        >>> round(fit.value, 12), round(math.exp(fit.intercept), 12)
        (1.0, 2.0)
        >>> counted = scaling_exponent([4, 16, 64], [3, 6, 12], rounded=True)
        >>> round(counted.value, 12), counted.contains(0.6)
        (0.5, True)
    """
    confidence = _checks.within("confidence", confidence, 0, 1, "use 0.95")
    points, values = _positive("x", x), _positive("y", y)
    values = values[:, None] if values.ndim == 1 else values
    _check_shapes(points, values, _LEAST_CORRECTED if corrections else _LEAST)
    if rounded and not values.min() > 1:
        raise ValueError(
            "a rounded count of 1 may stand for any value down to 0, which has no logarithm: drop "
            "it, or ask for more accuracy."
        )
    lowest = values - 1 if rounded else values
    powers = _CORRECTIONS if corrections else ()
    laws = [_line(points), *(_corrected(points, values, power) for power in powers)]
    fits = [_fit(law, values, lowest, confidence) for law in laws]
    best = fits[0]
    low, high = min(fit.interval[0] for fit in fits), max(fit.interval[1] for fit in fits)
    return Exponent(best.value, (low, high), best.intercept, len(points), best.degrees)


@dataclass(frozen=True)
class _Law:
    # log y = offset + design @ coefficients, the exponent second.
    design: Array
    offset: Array


def _line(x: Array) -> _Law:
    return _Law(np.stack([np.ones_like(x), np.log(x)], 1), np.zeros_like(x))


def _corrected(x: Array, y: Array, power: float) -> _Law:
    # log(1 + c x^-w) about its best c.
    line, mean, decay = _line(x).design, np.log(y).mean(1), (x / x.min()) ** -power

    def miss(log_size: float) -> float:
        rest = mean - np.log1p(math.expm1(log_size) * decay)
        rest -= line @ np.linalg.lstsq(line, rest, rcond=None)[0]
        return float(rest @ rest)

    share = math.expm1(float(optimize.minimize_scalar(miss, bounds=_LOG_SIZES).x))
    slope = decay / (1 + share * decay)
    return _Law(np.column_stack([line, slope]), np.log1p(share * decay) - share * slope)


def _fit(law: _Law, y: Array, lowest: Array, confidence: float) -> Exponent:
    points, seeds = y.shape
    logs = np.log(y) - law.offset[:, None]
    take = np.linalg.pinv(law.design)
    mean = logs.mean(1)
    coefficients, row = take @ mean, take[1]
    freedom = points - law.design.shape[1]
    misfit = mean - law.design @ coefficients
    by_x = float(misfit @ misfit) / freedom * float(row @ row)
    by_seed = float((logs.T @ row).var(ddof=1)) / seeds if seeds > 1 else 0.0
    degrees = _satterthwaite([(by_x, freedom), (by_seed, seeds - 1)])
    reach = math.sqrt(by_x + by_seed) * float(special.stdtrit(degrees, 0.5 + confidence / 2))
    # The true values lie between lowest and y: so far the slope may fall, so far rise.
    steps = (np.log(y) - np.log(lowest)).mean(1) * row
    down, up = float(steps[row > 0].sum()), float(-steps[row < 0].sum())
    value = float(coefficients[1])
    interval = (value - reach - down, value + reach + up)
    return Exponent(value, interval, float(coefficients[0]), points, degrees)


def _satterthwaite(parts: list[tuple[float, int]]) -> float:
    total = sum(variance for variance, _ in parts)
    spread = sum(variance**2 / freedom for variance, freedom in parts if variance)
    return total**2 / spread if spread else float(parts[0][1])


def _check_shapes(x: Array, y: Array, least: int) -> None:
    if x.ndim != 1 or y.ndim != 2 or len(x) != len(y):
        raise ValueError(
            f"x has shape {x.shape} and y {y.shape}: give one x for each row of y, and a column "
            "for each seed."
        )
    different = len(np.unique(x))
    if different < least:
        raise ValueError(
            f"got {different} different x, and this exponent with its interval needs {least}: "
            "sweep over more values."
        )


def _positive(name: str, numbers: ArrayLike) -> Array:
    values = as_float64(name, numbers)
    bad = values[~((values > 0) & np.isfinite(values))]
    if len(bad):
        raise ValueError(
            f"{name} must hold finite numbers above 0, got {float(bad[0])}: a logarithm is taken, "
            "so drop runs that diverged or never arrived."
        )
    return values
