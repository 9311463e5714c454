"""Linear or sublinear convergence: which rates in the long run a run is consistent with."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from rootkappa import _checks
from rootkappa.rates import _floor, _laws
from rootkappa.rates._residuals import Array, ArrayLike, energies, largest_to_come, read_norms

_MEANS = 60
_LEAST_STEPS = 20
_LEAST_FALL = math.log(3.0)
# A right law may miss the logarithm by this share of its fall.
_MODEL_ERROR = 3e-4
# Laws that miss by more than these multiples of the scatter and of the fall do not fit.
_MISS_OF_SCATTER, _MISS_OF_FALL = 3.0, 0.01
# Share of the last rate that remains in the limit: at least this if linear,
_LINEAR = 0.5
# possibly below the first and surely below the second if sublinear.
_SUBLINEAR = (0.1, 0.4)


class Law(StrEnum):
    """How a residual goes to zero.

    Args:
        LINEAR: As an exponential: at least half of the rate at the end of the run remains.
        SUBLINEAR: Slower than any exponential, as far as the run shows.
        CANNOT_TELL: Both fit, or neither.
    """

    LINEAR = "linear"
    SUBLINEAR = "sublinear"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class LongRun:
    """What a run says about the long run.

    Args:
        law: Linear, sublinear, or neither can be told.
        reason: What stood in the way, or what was left out.
        share: Range of the limit rate over the rate at the end of the run, over all laws that fit.
        factor: Range of the factor a step in the limit, 1 for no rate.
        window: First and last step used.
    """

    law: Law
    reason: str
    share: tuple[float, float]
    factor: tuple[float, float]
    window: tuple[int, int]


def linear_or_sublinear(norms: ArrayLike, skip: float = 0.1, rounding: float = 1e-13) -> LongRun:
    """Say whether a residual decays exponentially (linearly, in optimisation) or more slowly.

    All laws -d log e/dt = r + A (t + t_0)^-delta with delta in [0.2, 3] are fitted to the envelope,
    the largest energy ||(xi_s, xi_{s-1})|| at any s >= t. The range of r over those that fit
    decides. A floor is found first, and left out.

    Args:
        norms: ||xi_t||, shape (T + 1,); NaN after the end of the run.
        skip: Leading share of the run left out as transient, in [0, 1).
        rounding: Level relative to the start below which entries are rounding and left out.

    Returns:
        The law, or that it cannot be told, with its reason.

    Raises:
        ValueError: If the shape is wrong, a number inside the run is not finite or negative, the
            start is zero, or `skip` lies outside [0, 1).
        TypeError: If the numbers are not floating-point ones.

    Source: derived for this book.

    Example:
        >>> t = np.arange(1000.0)
        >>> print(linear_or_sublinear(0.99**t).law, "or", linear_or_sublinear(1 / (1 + t)).law)
        linear or sublinear
        >>> print(linear_or_sublinear((1 + t) ** -1.5 * np.exp(-t / 1000)).law)
        cannot tell
    """
    skip, rounding = _checks.fraction("skip", skip), _checks.fraction("rounding", rounding)
    values = read_norms(norms)
    envelope = largest_to_come(energies(values[:, None]))
    last = int(np.flatnonzero(envelope > rounding * envelope[0])[-1])
    last, remark = _floor.left_out(envelope, values, last)
    first = max(1, int(skip * last))
    if last - first < _LEAST_STEPS:
        return _cannot_tell(f"only {last - first} steps lie above the floor", (first, last))
    times, logs = _means(envelope, first, last)
    return _decide(times, logs, (first, last), remark)


def _means(envelope: Array, first: int, last: int) -> tuple[Array, Array]:
    # Means of the logarithm over stretches of time that are even.
    edges = np.unique(np.rint(np.linspace(first, last, _MEANS + 1)).astype(int))
    pairs = list(itertools.pairwise(edges))
    times = np.array([(begin + end - 1) / 2 for begin, end in pairs])
    return times, np.array([np.log(envelope[begin:end]).mean() for begin, end in pairs])


def _cannot_tell(reason: str, window: tuple[int, int]) -> LongRun:
    return LongRun(Law.CANNOT_TELL, reason, (0.0, math.inf), (0.0, 1.0), window)


def _decide(times: Array, logs: Array, window: tuple[int, int], remark: str) -> LongRun:
    fall = float(logs[0] - logs[-1])
    if fall < _LEAST_FALL:
        return _cannot_tell("the residual falls by less than a factor 3", window)
    late = times >= times[-1] - (times[-1] - times[0]) / 3
    at_last = -float(np.polyfit(times[late], logs[late], 1)[0])
    if not at_last > 0:
        return _cannot_tell("the residual does not fall in the last third", window)
    scatter = _laws.scatter(logs)
    fits = _laws.Fits(_laws.fit(times, logs), max(scatter, _MODEL_ERROR * fall))
    if _laws.rms(fits.best()) > max(_MISS_OF_SCATTER * scatter, _MISS_OF_FALL * fall):
        return _cannot_tell("none of the laws fits", window)
    low, high = fits.rates()
    law, reason = _law(low / at_last, high / at_last)
    told = "; ".join(part for part in (reason, remark) if part)
    return LongRun(
        law, told, (low / at_last, high / at_last), (math.exp(-high), math.exp(-low)), window
    )


def _law(low: float, high: float) -> tuple[Law, str]:
    if low >= _LINEAR:
        return Law.LINEAR, ""
    if low <= _SUBLINEAR[0] and high < _SUBLINEAR[1]:
        return Law.SUBLINEAR, ""
    if low <= _SUBLINEAR[0]:
        return Law.CANNOT_TELL, "laws with a limit rate fit, and laws without one"
    return Law.CANNOT_TELL, "there is a limit rate, but most of the present one may vanish"
