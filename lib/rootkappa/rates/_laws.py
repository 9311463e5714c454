r"""Laws of slowing decay, and which of them fit.

    -d log e / dt = r + A (t + t_0)^{-delta},   A, r >= 0:

a power law for r = 0 and delta = 1, one with an exponential cut-off for r > 0, a stretched
exponential for r = 0 and delta < 1, an onset after t_0, an exponential for A = 0. Integrated,
log e = c - r t - A g(t): for given delta and t_0 least squares in c, r and A.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rootkappa.rates._residuals import Array

_DELTAS = np.r_[np.linspace(0.2, 0.9, 8), 1.0, 1.25, 1.5, 2.0, 3.0]
# t_0 relative to the last time.
_ONSETS = np.r_[0.0, 2.0 ** -(np.arange(16, -1, -1) / 2)]
# The 95 % point of chi square with four degrees of freedom; at most a third of the means counts as
# independent, and less where the misfit of the best law is smooth.
_LOSS = 9.5
_INDEPENDENT = 1 / 3
# Mean square of a third difference of white noise is 20 of its variance; median over mean 0.455.
_THIRD_DIFFERENCE = 0.455 * 20


@dataclass(frozen=True)
class _Profile:
    # The misfit at a given r is rest + r slope, least for r = rate.
    rest: Array
    slope: Array

    @property
    def rate(self) -> float:
        return -float(self.slope @ self.rest) / max(float(self.slope @ self.slope), 1e-300)

    def misses(self, rate: float) -> Array:
        return self.rest + rate * self.slope

    def range(self, tolerance: float) -> tuple[float, float]:
        # Empty, with its ends crossed, if no rate fits.
        room = tolerance**2 - rms(self.misses(self.rate)) ** 2
        if room < 0:
            return math.inf, -math.inf
        reach = math.sqrt(room) / max(rms(self.slope), 1e-300)
        return self.rate - reach, self.rate + reach


@dataclass(frozen=True)
class Law:
    """A law of given delta and t_0.

    Args:
        slowing: Its profile where A is free.
        steady: Its profile where A = 0.
        crossing: The rate up to which the best A is positive.
    """

    slowing: _Profile
    steady: _Profile
    crossing: float

    def best(self) -> Array:
        """Give the misfit of log e at the best A and r, neither below 0.

        Returns:
            Shape (n,).
        """
        steady = self.steady.misses(max(self.steady.rate, self.crossing, 0.0))
        if self.crossing < 0:
            return steady
        slowing = self.slowing.misses(min(max(self.slowing.rate, 0.0), self.crossing))
        return min(slowing, steady, key=rms)

    def rates(self, tolerance: float) -> tuple[float, float]:
        """Give the rates whose misfit stays within a tolerance.

        Args:
            tolerance: The largest root mean square of the misfit.

        Returns:
            The least and the greatest, at least 0; infinity and minus infinity if there is none.
        """
        pieces = []
        low, high = self.slowing.range(tolerance)
        pieces.append((max(low, 0.0), min(high, self.crossing)))
        low, high = self.steady.range(tolerance)
        pieces.append((max(low, self.crossing, 0.0), high))
        kept = [piece for piece in pieces if piece[0] <= piece[1]]
        lows, highs = [low for low, _ in kept], [high for _, high in kept]
        return min(lows, default=math.inf), max(highs, default=-math.inf)


@dataclass(frozen=True)
class Fits:
    """All laws fitted to one run.

    Args:
        laws: One for each delta and t_0.
        expected: Misfit that a right law may have, by scatter and by what no law is meant to catch.
    """

    laws: tuple[Law, ...]
    expected: float

    def best(self) -> Array:
        """Give the misfit of the law that misses least.

        Returns:
            Shape (n,).
        """
        return min((law.best() for law in self.laws), key=rms)

    def rates(self) -> tuple[float, float]:
        """Give the range of the limit rate over all laws that fit.

        Returns:
            The least and the greatest.
        """
        best = self.best()
        miss, count = rms(best), _INDEPENDENT * len(best)
        loss = _LOSS * (miss**2 / _independent(best) + self.expected**2 / count)
        ranges = [law.rates(math.sqrt(miss**2 + loss)) for law in self.laws]
        return min(low for low, _ in ranges), max(high for _, high in ranges)


def fit(times: Array, logs: Array) -> tuple[Law, ...]:
    """Fit all laws.

    Args:
        times: Even times above 0, shape (n,).
        logs: log e, shape (n,).

    Returns:
        The laws; rates are a unit of time.
    """
    return tuple(_fit(times, slowing, logs) for slowing in _slowings(times / times[-1]))


def scatter(logs: Array) -> float:
    """Estimate the noise of points about any smooth law.

    Args:
        logs: Shape (n,), n at least 4.

    Returns:
        Their standard deviation: of a smooth law third differences leave little.
    """
    return math.sqrt(float(np.median(np.diff(logs, 3) ** 2)) / _THIRD_DIFFERENCE)


def rms(values: Array) -> float:
    """Give the root mean square.

    Args:
        values: Shape (n,).

    Returns:
        The root of the mean of the squares.
    """
    return math.sqrt(float((values**2).mean()))


def _independent(misses: Array) -> float:
    # As how many independent misfits these count, by the correlation of neighbours: one that bends
    # once counts little.
    products = float(misses[1:] @ misses[:-1])
    correlation = max(products / max(float(misses @ misses), 1e-300), 0.0)
    share = min((1 - correlation) / (1 + correlation), _INDEPENDENT)
    return max(share * len(misses), 1.0)


def _slowings(times: Array) -> Iterator[Array]:
    for delta in _DELTAS:
        for onset in _ONSETS:
            shifted = times + onset
            power = 1 - delta
            yield np.log(shifted) if delta == 1 else (shifted**power - 1) / power


def _fit(times: Array, slowing: Array, logs: Array) -> Law:
    centred = slowing - slowing.mean()
    steady = _Profile(logs - logs.mean(), times - times.mean())
    along = float(centred @ centred)
    # log e = c - A g - r t: at a given r, A = amplitude - gain r.
    amplitude = -float(centred @ steady.rest) / along
    gain = float(centred @ steady.slope) / along
    free = _Profile(steady.rest + amplitude * centred, steady.slope - gain * centred)
    return Law(free, steady, amplitude / gain)
