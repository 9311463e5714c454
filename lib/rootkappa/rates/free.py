r"""The factor of a single mode, with nothing said about the method.

A mode of a linear method with constant numbers obeys $x_{t+1} = p x_t - q x_{t-1}$ with some p and
q. Both are fitted, and the factor is the larger modulus of the roots of $z^2 - pz + q$.

The Casoratian $w_t = x_t x_{t-2} - x_{t-1}^2$ gives q alone, $w_{t+1} = q w_t$ (for scalars already
in Euler's *Introductio*, 351-352): its square root is the factor only where the roots are complex.
For beta = 0.5, eta = 1, lambda = 0.02 they are 0.957 and 0.523, and it would read 0.707.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from rootkappa import _checks
from rootkappa.rates._residuals import Array, ArrayLike, Residuals, floats, read
from rootkappa.rates.status import RateStatus

_LEAST = 8
# Steps at which the mode stands less than this above its noise are left out.
_CLEAR = 30.0
# How far the errors of neighbouring equations, which share residuals, are followed.
_LAGS = 4
# A recurrence without memory errs no more than one with it up to this factor.
_AS_GOOD = 2.0
_CONFIDENCE = 0.95
# Rays of the confidence ellipse, and places on each. Next to a double root the factor has its least
# value inside, and rises steeply on one side.
_TURNS = np.linspace(0, np.pi, 16, endpoint=False)
_PLACES = np.linspace(-1, 1, 65)


@dataclass(frozen=True)
class FreeFactor:
    """The factor of one mode.

    Args:
        factor: The larger modulus of the roots; NaN if it cannot be told.
        interval: Where it lies, by the scatter of the equations; and, where the second half of the
            window disagrees with the whole, as far on both sides of it as the two are apart.
        status: How sure it is.
        reason: What stood in the way.
        coefficients: p and q; q = 0 where the smaller root has died out and cannot be told.
        window: First and last step used.
    """

    factor: float
    interval: tuple[float, float]
    status: RateStatus
    reason: str
    coefficients: tuple[float, float]
    window: tuple[int, int]


@dataclass(frozen=True)
class _Fit:
    # Coefficients if noise comes with the readings, and if it enters the recurrence itself.
    coefficients: Array
    recursive: Array
    covariance: Array
    noise: float
    steps: int


def free_factor(
    residuals: ArrayLike,
    direction: ArrayLike | None = None,
    memory: bool = True,
    tolerance: float = 0.1,
) -> FreeFactor:
    """Measure the factor along one direction by a recurrence whose p and q are fitted.

    It takes neither step size nor momentum, and no formula for the factor: read with it where a
    claim tests the companion matrix, or that a network follows its frozen kernel. The direction is
    an eigenvector of the kernel, or `TailFactor.direction`. A residual that is no single mode is
    refused, or read with an interval as wide as its halves disagree.

    Args:
        residuals: xi_t, shape (T + 1, N); or its component, shape (T + 1,). NaN after the end.
        direction: Shape (N,); may be left out for one component.
        memory: Whether a step looks at the one before it; False for gradient descent, q = 0.
        tolerance: Width of the interval, relative to 1 - factor, that counts as resolved.

    Returns:
        The factor with its interval.

    Raises:
        ValueError: If a shape is wrong, a residual inside the run is not finite, or the residual
            starts at zero.
        TypeError: If the numbers are not floating-point ones.

    Source: derived for this book; the fit is the dynamic mode decomposition of one signal and its
    delay, Schmid (2010).

    Example:
        >>> t = np.arange(200.0)
        >>> round(free_factor(0.8**t * np.cos(0.3 * t)).factor, 10)
        0.8
        >>> round(free_factor(0.9**t + 3 * 0.5**t).factor, 10)
        0.9
    """
    _checks.positive("tolerance", tolerance)
    run = read(residuals)
    series = run.xi @ _unit(direction, run.xi.shape[1])
    found = _read(series, memory, run, tolerance)
    if memory and found.status == RateStatus.CANNOT_TELL:
        alone = _read_alone(series, run, tolerance)
        return alone if alone.status == RateStatus.RESOLVED else found
    return found


def cannot_tell(reason: str) -> FreeFactor:
    """Give no factor.

    Args:
        reason: What stood in the way.

    Returns:
        A record without numbers.
    """
    nan = math.nan
    return FreeFactor(nan, (nan, nan), RateStatus.CANNOT_TELL, reason, (nan, nan), (0, 0))


def _read(series: Array, memory: bool, run: Residuals, tolerance: float) -> FreeFactor:
    fit = _fit(series, memory, run)
    if isinstance(fit, str):
        return cannot_tell(fit)
    later = _fit(series[fit.steps // 2 :], memory, run)
    factor, low, high = _factor(fit, memory)
    if not isinstance(later, str):
        factor, low, high = _reconcile((factor, low, high), _factor(later, memory))
    p, q = fit.coefficients
    status, reason = _judge(factor, high - low, tolerance)
    if status == RateStatus.CANNOT_TELL:
        return cannot_tell(reason)
    return FreeFactor(factor, (low, high), status, reason, (float(p), float(q)), (0, fit.steps))


def _read_alone(series: Array, run: Residuals, tolerance: float) -> FreeFactor:
    # On a long run the smaller of two real roots dies out. Then p and q cannot be told, but a
    # recurrence without memory errs no more than one with it, and has the larger root alone.
    both = _fit(series, True, run)
    if isinstance(both, str):
        return cannot_tell(both)
    first, last = both.steps // 2, both.steps + 1
    tail = series[first:last]
    if len(tail) <= _LEAST:
        return cannot_tell(f"only {len(tail) - 1} steps are left when the smaller root is gone")
    with_memory, without = (_solve(tail, memory, run.rounding) for memory in (True, False))
    if without.noise > _AS_GOOD * with_memory.noise:
        return cannot_tell("the residual along this direction is no single mode")
    found = _read(tail, False, run, tolerance)
    return replace(found, window=(first, first + found.window[1]))


def _unit(direction: ArrayLike | None, components: int) -> Array:
    if direction is None and components == 1:
        return np.ones(1)
    if direction is None:
        raise ValueError(
            f"residuals have {components} components, each a mixture of modes: name a direction, "
            "such as an eigenvector of the kernel or TailFactor.direction."
        )
    vector, _ = floats("direction", direction)
    length = float(np.linalg.norm(vector))
    if vector.shape != (components,) or not (math.isfinite(length) and length > 0):
        raise ValueError(
            f"direction must be finite, not zero, and have shape ({components},) as residuals do, "
            f"got shape {vector.shape} and length {length}: take one of TailFactor.direction."
        )
    return vector / length


def _fit(series: Array, memory: bool, run: Residuals) -> _Fit | str:
    # The window ends where the mode nears its noise, which the fit itself tells.
    steps = len(series) - 1
    while True:
        if steps < _LEAST:
            return f"only {steps} steps stand above the noise, and a mode needs {_LEAST}"
        fit = _solve(series[: steps + 1], memory, run.rounding)
        sizes = np.hypot(series[1 : steps + 1], series[:steps])
        loud = sizes > _CLEAR * max(fit.noise, run.noise / math.sqrt(len(series)))
        end = len(loud) if loud.all() else int(np.argmin(loud))
        if end >= steps:
            return fit
        steps = end


def _solve(series: Array, memory: bool, rounding: float) -> _Fit:
    now, before, after = series[1:-1], series[:-2], series[2:]
    rows = np.stack([now, -before], 1)[:, : 1 + memory]
    cut = len(rows) * float(np.finfo(float).eps)
    inverse = np.asarray(np.linalg.pinv(rows, rcond=cut), np.float64)
    recursive = inverse @ after
    errors = after - rows @ recursive
    freedom = max(len(rows) - rows.shape[1], 1)
    variance = float(errors @ errors) / freedom / (1 + float(recursive @ recursive))
    # Noise of the readings pulls towards zero, to first order by this.
    read = recursive + len(rows) * variance * (inverse @ (inverse.T @ recursive))
    floor = rounding * np.maximum(np.abs(now), np.abs(before))
    covariance = _covariance(rows, inverse, errors, floor)
    if not memory:
        read, recursive = np.r_[read, 0.0], np.r_[recursive, 0.0]
        covariance = np.diag([covariance[0, 0], 0.0])
    return _Fit(read, recursive, covariance, math.sqrt(variance), len(series) - 1)


def _covariance(rows: Array, inverse: Array, errors: Array, floor: Array) -> Array:
    # Errors may differ in size and depend on their neighbours: Newey and West (1987). Those that
    # happen to vanish are still rounded.
    scores, rounded = rows * errors[:, None], rows * floor[:, None]
    total = scores.T @ scores + rounded.T @ rounded
    for lag in range(1, min(_LAGS, len(scores) - 1) + 1):
        near = scores[lag:].T @ scores[:-lag]
        total += (1 - lag / (_LAGS + 1)) * (near + near.T)
    bread = inverse @ inverse.T
    sandwich: Array = bread @ total @ bread * len(rows) / max(len(rows) - rows.shape[1], 1)
    return sandwich


def _factor(fit: _Fit, memory: bool) -> tuple[float, float, float]:
    # The factor, and its range over the confidence ellipses of p and q.
    freedom = max(fit.steps - 1 - (1 + memory), 1)
    reach = math.sqrt((1 + memory) * float(special.fdtri(1 + memory, freedom, _CONFIDENCE)))
    values, axes = np.linalg.eigh(fit.covariance)
    rays = axes * np.sqrt(np.maximum(values, 0.0)) @ np.stack([np.cos(_TURNS), np.sin(_TURNS)])
    offsets = (reach * rays[:, :, None] * _PLACES).reshape(2, -1)
    centres = (fit.coefficients, fit.recursive)
    inside = np.concatenate([centre[:, None] + offsets for centre in centres], 1)
    low, high = _range(*inside)
    return float(_modulus(*fit.coefficients)), low, high


def _range(p: Array, q: Array) -> tuple[float, float]:
    moduli, rounding = _modulus(p, q), 8 * float(np.finfo(float).eps)
    low, discriminants = float(moduli.min()), p * p - 4 * q
    if discriminants.min() <= 0 <= discriminants.max():
        # A double root lies between two of the places: there the modulus is |p|/2.
        low = min(low, float(np.abs(p).min()) / 2)
    return low - rounding, float(moduli.max()) + rounding


def _modulus(p: Array, q: Array) -> Array:
    root = np.sqrt((p * p - 4 * q).astype(complex))
    larger: Array = np.maximum(np.abs(p + root), np.abs(p - root)) / 2
    return larger


def _reconcile(
    whole: tuple[float, float, float], later: tuple[float, float, float]
) -> tuple[float, float, float]:
    # What else is in the run dies out: where the halves disagree the later one is nearer.
    if whole[1] <= later[2] and later[1] <= whole[2]:
        return whole
    apart = abs(whole[0] - later[0])
    return later[0], later[1] - apart, later[2] + apart


def _judge(factor: float, width: float, tolerance: float) -> tuple[RateStatus, str]:
    gap = 1 - factor
    if gap <= 0:
        return RateStatus.CANNOT_TELL, "the residual does not decay along this direction"
    if width > gap:
        return RateStatus.CANNOT_TELL, "the residual along this direction is no single mode"
    if width > tolerance * gap:
        return RateStatus.BRACKETED, "the residual along this direction is noisy or not one mode"
    return RateStatus.RESOLVED, ""
