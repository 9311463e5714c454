"""Linear or sublinear convergence: does an exponential or a power law describe the residual?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch

from rootkappa import _checks
from rootkappa.rates import _window
from rootkappa.rates._exponentials import line

_POINTS = 200
_FLOOR = 1e-13
# Least log-range that can tell the two apart: a factor 2.
_RANGE = math.log(2)
_SIGMAS = 2.0
_CLEARLY = 1.5


@dataclass(frozen=True)
class Fit:
    """One of the two laws.

    Args:
        rate: The factor a step of the exponential, or the exponent of the power law t^-rate.
        intercept: Logarithm of the law's prefactor.
        miss: Root mean square of the misfit of log ||xi_t||.
    """

    rate: float
    intercept: float
    miss: float


@dataclass(frozen=True)
class Verdict:
    """Which of the two laws describes a run.

    Args:
        verdict: "linear" (exponential), "sublinear" (power law) or "undecided".
        exponential: The fit of log ||xi_t|| against t.
        power_law: The fit of log ||xi_t|| against log t.
        score: Vuong's statistic; positive for the exponential, above 2 in size for a verdict.
        window: First and last step used.
    """

    verdict: Literal["linear", "sublinear", "undecided"]
    exponential: Fit
    power_law: Fit
    score: float
    window: tuple[int, int]


def linear_or_sublinear(norms: torch.Tensor, skip: float = 0.1, floor: float = _FLOOR) -> Verdict:
    """Say whether a residual decays exponentially (linearly, in optimisation) or as a power law.

    Both laws have two numbers, so their Bayesian information criteria differ by the likelihoods
    alone; Vuong's statistic says how sure the difference is. Oscillation is taken out by the
    envelope, the largest energy ||(xi_s, xi_{s-1})|| at any s >= t. "Undecided" is a statistic
    below 2, misfits within a factor 1.5 of each other, or an envelope that falls by less than 2.

    Args:
        norms: ||xi_t||, shape (T + 1,); NaN after the end of the run is dropped.
        skip: Leading share of the run left out as transient, in [0, 1).
        floor: Level relative to the start below which entries are rounding and left out.

    Returns:
        The verdict with both fits.

    Raises:
        ValueError: If the shape is wrong, an entry is NaN or infinite, the run is too short, or
            `skip` lies outside [0, 1).
        TypeError: If the dtype is not a floating-point one.

    Example:
        >>> t = torch.arange(1000, dtype=torch.float64)
        >>> linear_or_sublinear(0.99**t).verdict, linear_or_sublinear(1 / (1 + t)).verdict
        ('linear', 'sublinear')
    """
    _checks.fraction("skip", skip)
    values = _window.clean(norms)
    sizes = _window.energy(values)
    envelope = sizes.flip(0).cummax(0).values.flip(0)
    kept = torch.nonzero(envelope > floor * envelope[0]).squeeze(1)
    last = int(kept[-1])
    first = max(1, int(skip * last))
    if last - first + 1 < _window.MIN_POINTS:
        raise ValueError(
            f"only {max(last - first + 1, 0)} steps lie after the transient and above the floor "
            f"{floor:g}, and a verdict needs {_window.MIN_POINTS}: record more steps."
        )
    # Points even in log t weigh each factor of time alike; repeated ones are dropped.
    grid = torch.logspace(math.log10(first), math.log10(last), _POINTS, dtype=torch.float64)
    even = torch.linspace(first, last, _POINTS, dtype=torch.float64)
    steps = torch.unique(torch.cat([grid, even]).round().long().clamp(first, last))
    logs = torch.log(envelope[steps])
    exponential, by_exponential = _fit(steps.double(), logs)
    power_law, by_power = _fit(torch.log(steps.double()), logs)
    score = _vuong(by_exponential, by_power, len(steps))
    better, worse = sorted((exponential.miss, power_law.miss))
    fall = float(logs[0] - logs[-1])
    clear = abs(score) > _SIGMAS and worse > _CLEARLY * better and fall > _RANGE
    verdict: Literal["linear", "sublinear", "undecided"] = "undecided"
    if clear:
        verdict = "linear" if score > 0 else "sublinear"
    return Verdict(
        verdict,
        Fit(math.exp(exponential.rate), exponential.intercept, exponential.miss),
        Fit(-power_law.rate, power_law.intercept, power_law.miss),
        score,
        (first, last),
    )


def _fit(x: torch.Tensor, logs: torch.Tensor) -> tuple[Fit, torch.Tensor]:
    slope, _, intercept = line(x, logs)
    squares = (logs - intercept - slope * x).square()
    return Fit(slope, intercept, math.sqrt(float(squares.mean()))), squares


def _vuong(exponential: torch.Tensor, power: torch.Tensor, points: int) -> float:
    # Log-likelihood ratio of Gaussian misfits, each with its own variance, over its spread.
    # The least variance is rounding: an exact fit would have an infinite likelihood.
    first, second = (max(float(squares.mean()), 1e-24) for squares in (exponential, power))
    gains = (math.log(second / first) + power / second - exponential / first) / 2
    spread = float(gains.std())
    return float(gains.mean()) * math.sqrt(points) / max(spread, 1e-12)
