"""What one window says: a lower end, an upper end, and how much noise it had to assume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rootkappa.rates._exclusion import slowest_possible
from rootkappa.rates._recurrence import Recurrence
from rootkappa.rates._residuals import Array
from rootkappa.rates._ritz import Extreme, Ritz, ritz
from rootkappa.rates._window import Window

# A mode that was found may not count as excluded because its share is below the declared one.
_OF_FOUND = 0.1
# The start of a window has to stand this far above its noise.
_CLEAR = 30.0
_EPS = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Reading:
    """The factor by one window.

    Args:
        window: The window.
        factor: Of the slower extreme Ritz value.
        low: Some mode is at least this slow.
        high: No mode of the least share is slower.
        share: That share.
        inflation: By how much noise had to be raised above what the run was said to have.
        noise: Noise of xi_t at the window's end, relative to ||xi_0||.
        misfit: Noise at the window's start, relative to the residual there.
        eigenvalues: The extreme Ritz values.
        direction: The Ritz vector of the slower one, shape (N,).
    """

    window: Window
    factor: float
    low: float
    high: float
    share: float
    inflation: float
    noise: float
    misfit: float
    eigenvalues: tuple[float, float]
    direction: Array

    @property
    def width(self) -> float:
        """Width of the interval."""
        return self.high - self.low


def read_window(method: Recurrence, window: Window, share: float) -> Reading | None:
    """Read a window.

    Args:
        method: The recurrence.
        window: The window.
        share: Least share of energy of a mode at its start.

    Returns:
        The reading, or None if no direction rises above the noise.
    """
    sizes = window.run.sizes
    scale = np.maximum(sizes[window.steps - 1], sizes[window.steps])
    u, v = method.products(window.run.xi, window.steps)
    found = ritz(u / scale, v / scale, method.gain)
    if found is None or window.start < _CLEAR * found.inflation * sizes[window.first]:
        return None
    by_low, by_high = method.factor(found.least.value), method.factor(found.greatest.value)
    slowest = found.least if by_low >= by_high else found.greatest
    share = min(share, _OF_FOUND * _share_along(method, window, slowest))
    low, beyond = _lower_end(method, found)
    high = _upper_end(method, window, found.inflation, share, beyond, low)
    high = max(high, _mirrored(method, found))
    start_noise = float(sizes[window.first]) / window.start
    rounding = window.run.rounding
    low, high = low - rounding, high + rounding
    return Reading(
        window,
        min(max(by_low, by_high, low), high),
        low,
        high,
        share,
        found.inflation,
        found.inflation * float(sizes[window.steps[-1]]),
        found.inflation * start_noise,
        (found.least.value, found.greatest.value),
        slowest.vector,
    )


def _share_along(method: Recurrence, window: Window, extreme: Extreme) -> float:
    state = window.state(method.has_memory)
    return float(((state @ extreme.vector) ** 2).sum() / (state**2).sum())


def _lower_end(method: Recurrence, found: Ritz) -> tuple[float, tuple[float, float]]:
    # lambda_min is at most the Ritz value with its noise: that says something where r falls.
    slack = 8 * _EPS * method.limit
    below = found.least.value + found.least.reach + slack
    above = found.greatest.value - found.greatest.reach - slack
    low = max(method.factor(min(below, method.fastest)), method.factor(max(above, method.fastest)))
    return (low if below > 0 else max(low, 1.0)), (below, above)


def _mirrored(method: Recurrence, found: Ritz) -> float:
    # The Ritz value's own mode is not excluded. The grid may miss it: its error reaches up as far.
    below = found.least.value - found.least.reach
    above = found.greatest.value + found.greatest.reach
    return max(method.factor(min(below, method.fastest)), method.factor(max(above, method.fastest)))


def _upper_end(
    method: Recurrence,
    window: Window,
    inflation: float,
    share: float,
    beyond: tuple[float, float],
    low: float,
) -> float:
    run, rows = window.run, window.rows
    # Rounding of every step is carried along by the recurrence.
    carried = run.rounding * run.energies[rows] * (1 + rows - window.first)
    noise = inflation * np.hypot(run.sizes[rows], carried)
    return slowest_possible(method, window, noise, share, beyond, low)
