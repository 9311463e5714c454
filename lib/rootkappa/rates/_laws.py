r"""Laws of slowing decay, and which of them fit.

    -d log e / dt = r + A (t + t_0)^{-delta},   A, r >= 0:

a power law for r = 0 and delta = 1, one with an exponential cut-off for r > 0, a stretched
exponential for r = 0 and delta < 1, an onset after t_0, an exponential for A = 0. Integrated,
log e = c - r t - A g(t), and for given delta and t_0 a line in two variables.
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
class Law:
    """One law at its best, and how its misfit grows with the limit rate.

    Args:
        misses: Misfit of log e, shape (n,).
        rate: The limit rate r, at least 0.
        curvature: miss^2 grows by this times the square of the distance from `rate`.
    """

    misses: Array
    rate: float
    curvature: float

    @property
    def miss(self) -> float:
        """Root mean square of the misfit."""
        return _rms(self.misses)

    @property
    def independent(self) -> float:
        """As how many independent misfits these count, by the correlation of neighbours."""
        products = float(self.misses[1:] @ self.misses[:-1])
        correlation = max(products / max(float(self.misses @ self.misses), 1e-300), 0.0)
        return len(self.misses) * min((1 - correlation) / (1 + correlation), _INDEPENDENT)

    def rates(self, tolerance: float) -> tuple[float, float]:
        """Give the rates whose misfit stays within a tolerance.

        Args:
            tolerance: The largest misfit allowed, at least `miss`.

        Returns:
            The least, at least 0, and the greatest.
        """
        room = max(tolerance**2 - self.miss**2, 0.0)
        reach = math.sqrt(room / max(self.curvature, 1e-300))
        return max(self.rate - reach, 0.0), self.rate + reach


@dataclass(frozen=True)
class Fits:
    """All laws fitted to one run.

    Args:
        laws: One for each delta and t_0.
        scatter: Scatter of the means about any smooth law.
        model_error: Misfit that even a right law may have.
    """

    laws: tuple[Law, ...]
    scatter: float
    model_error: float

    @property
    def best(self) -> Law:
        """The law that misses least."""
        return min(self.laws, key=lambda law: law.miss)

    def rates(self) -> tuple[float, float]:
        """Give the range of the limit rate over all laws that fit.

        Returns:
            The least and the greatest.
        """
        best = self.best
        expected = max(self.scatter, self.model_error)
        smooth = best.miss > expected
        independent = best.independent if smooth else _INDEPENDENT * len(best.misses)
        variance = max(best.miss, expected) ** 2
        tolerance = math.sqrt(best.miss**2 + _LOSS * variance / max(independent, 1.0))
        fitting = [law.rates(tolerance) for law in self.laws if law.miss <= tolerance]
        return min(low for low, _ in fitting), max(high for _, high in fitting)


def fit(times: Array, logs: Array, model_error: float) -> Fits:
    """Fit all laws.

    Args:
        times: Even times above 0, shape (n,).
        logs: log e, shape (n,).
        model_error: Misfit that even a right law may have.

    Returns:
        The fits; rates are a unit of time.
    """
    scale = float(times[-1])
    # Of a smooth law third differences leave little.
    scatter = math.sqrt(float(np.median(np.diff(logs, 3) ** 2)) / _THIRD_DIFFERENCE)
    laws = tuple(_fit(times, slowing, logs) for slowing in _slowings(times / scale))
    return Fits(laws, scatter, model_error)


def _slowings(times: Array) -> Iterator[Array]:
    for delta in _DELTAS:
        for onset in _ONSETS:
            shifted = times + onset
            power = 1 - delta
            yield np.log(shifted) if delta == 1 else (shifted**power - 1) / power


def _fit(times: Array, slowing: Array, logs: Array) -> Law:
    # log e = c - A g - r t: r by what is left of t and log e once 1 and g are taken out.
    free, rest, rate, amplitude = _solve(times, slowing, logs)
    if amplitude < 0:
        free, rest, rate, _ = _solve(times, None, logs)
    misses = rest + max(rate, 0.0) * free
    return Law(misses, max(rate, 0.0), _rms(free) ** 2)


def _solve(times: Array, slowing: Array | None, logs: Array) -> tuple[Array, Array, float, float]:
    ones = np.ones_like(times)
    basis = ones[:, None] if slowing is None else np.stack([ones, slowing], 1)
    orthonormal, triangle = np.linalg.qr(basis)
    free = times - orthonormal @ (orthonormal.T @ times)
    rest = logs - orthonormal @ (orthonormal.T @ logs)
    rate = -float(free @ rest) / max(float(free @ free), 1e-300)
    weights = np.linalg.solve(triangle, orthonormal.T @ (logs + rate * times))
    return free, rest, rate, -float(weights[-1]) if slowing is not None else 0.0


def _rms(values: Array) -> float:
    return math.sqrt(float((values**2).mean()))
