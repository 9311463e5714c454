"""Numbers for each method, and the steps that a frozen kernel would take with them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rootkappa.diagnosis.label_spectrum import LabelSpectrum
from rootkappa.dynamics import frozen_norms, stability_limit
from rootkappa.optimizers import Method, gradient_descent, heavy_ball, nesterov

Count = Callable[[Method], int | None]

METHODS = ("gradient descent", "heavy ball", "nesterov")
# log(1 - beta) is searched this far around its classical value, at most down to beta = 0.05.
_REACH = 2.0
_LARGEST = math.log(0.95)
_SCANS = 3
_PLACES = 9
# Times at which a curve is looked at while momentum is chosen.
_TIMES = 256


@dataclass(frozen=True)
class Forecast:
    """A method with its numbers, and what the frozen kernel says of it.

    Args:
        name: The method: gradient descent, heavy ball or nesterov.
        method: Its numbers.
        steps: Steps until the removable loss has fallen to the tolerance; None if it never does, or
            not within what could be simulated.
        headroom: By which factor lambda_max may grow before the method diverges.
    """

    name: str
    method: Method
    steps: int | None
    headroom: float

    @property
    def torch_kwargs(self) -> dict[str, Any]:
        """What torch.optim.SGD takes: lr, momentum, nesterov."""
        eta, beta, gamma = self.method.coefficients(0)
        return {"lr": eta, "momentum": beta, "nesterov": gamma > 0}


def forecast(
    name: str, spectrum: LabelSpectrum, tolerance: float, headroom: float, count: Count
) -> Forecast:
    """Choose a method's numbers, and count its steps.

    The step size leaves the headroom. The momentum is that with the fewest steps on the spectrum
    that the labels see, between a seventh and seven times its classical distance from 1.

    Args:
        name: One of METHODS.
        spectrum: The spectrum.
        tolerance: The share of the removable loss at which training ends.
        headroom: By which factor lambda_max must be allowed to grow, above 1.
        count: How steps are counted.

    Returns:
        The forecast.
    """
    if name == "gradient descent":
        method = gradient_descent(2 / (headroom * spectrum.lambda_max))
        return Forecast(name, method, count(method), headroom)

    def tuned(log_gap: float) -> Method:
        beta = 1 - math.exp(log_gap)
        limit = stability_limit(_named(name, 1.0, beta))
        return _named(name, limit / (headroom * spectrum.lambda_max), beta)

    root = math.sqrt(spectrum.effective_kappa(tolerance))
    # Ten times what a classical tuning takes with all of the headroom in its step size.
    longest = 10 * (root + 1) * math.sqrt(headroom) * (1 - math.log(tolerance))
    times = np.unique(np.geomspace(1, longest, _TIMES).round())

    def cost(log_gap: float) -> float:
        return _crossing(spectrum, tuned(log_gap), tolerance, times)

    middle = math.log(2 / (root + 1))
    best = tuned(_least(cost, middle - _REACH, min(middle + _REACH, _LARGEST)))
    return Forecast(name, best, count(best), headroom)


def _crossing(
    spectrum: LabelSpectrum, method: Method, tolerance: float, times: NDArray[np.float64]
) -> float:
    # The first of the times from which on the removable loss stays below the tolerance.
    norms = frozen_norms(method, spectrum.values, spectrum.shares.sqrt(), torch.from_numpy(times))
    high = np.flatnonzero(norms.square().numpy() >= tolerance * float(spectrum.shares.sum()))
    if len(high) == 0:
        return 0.0
    return float(times[high[-1] + 1]) if high[-1] + 1 < len(times) else math.inf


def _named(name: str, step_size: float, beta: float) -> Method:
    return (heavy_ball if name == "heavy ball" else nesterov)(step_size, beta)


def _least(cost: Callable[[float], float], low: float, high: float) -> float:
    # Counts are steps of a staircase with small dips, so a scan comes before a finer one.
    low = min(low, high - 1.0)
    for _ in range(_SCANS):
        places = np.linspace(low, high, _PLACES)
        best = int(np.argmin([cost(float(place)) for place in places]))
        low, high = places[max(best - 1, 0)], places[min(best + 1, _PLACES - 1)]
    return float(places[best])
