r"""Lower end: Rayleigh and Ritz on the span of the u_t, from H U = V with noise in both.

The kernel on the directions above the noise is the symmetric matrix h with h A = B closest to the
data (symmetric Procrustes, Higham 1988). A Ritz value is at least the least eigenvalue and at most
the greatest, so that some mode is at least as slow as the slower of the two says. That stored
gradients hold the Ritz values is Fletcher's (2012); his are for steepest descent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rootkappa.rates._residuals import Array

# Directions this many times above the noise are kept; the sharpest of the Ritz values counts.
_CUTS = (20.0, 60.0, 200.0, 1e3, 1e4, 1e6)
# Standard deviations of a Ritz value that the end allows for.
_DEVIATIONS = 4.5
# Rounding is no white noise: at least this share of it may fall into one direction.
_ALONG_ONE = 1 / 3
# Largest misfit of V = H U, in units of its noise, that counts as noise.
_CONSISTENT = 1.1
# The noise found is raised once more by this, because it is an estimate.
_MARGIN = 1.5


@dataclass(frozen=True)
class Extreme:
    """An extreme Ritz value.

    Args:
        value: The value.
        reach: How far noise may have moved it.
        vector: The Ritz vector, shape (N,).
    """

    value: float
    reach: float
    vector: Array


@dataclass(frozen=True)
class Ritz:
    """The extreme Ritz values of a window.

    Args:
        least: The least one.
        greatest: The greatest one.
        inflation: By how much the noise had to be raised until the data agree with V = H U.
    """

    least: Extreme
    greatest: Extreme
    inflation: float


class _Span:
    """The columns of U and V, in units of their noise, in the principal directions of U."""

    def __init__(self, u: Array, v: Array, gain: float) -> None:
        self.basis, self.sizes, self.rows = np.linalg.svd(u, full_matrices=False)
        self.images = self.basis.T @ v
        self.gain = gain
        self.dimension = len(u)

    def rank(self, threshold: float) -> int:
        return int((self.sizes > threshold).sum())

    def kernel(self, rank: int) -> tuple[Array, Array]:
        # Entry ij is read from the stronger of the two directions; also 1/(s_i^2 + s_j^2).
        sizes = self.sizes[:rank]
        raw = (self.images[:rank] @ self.rows[:rank].T) / sizes
        squares = sizes**2
        weights = 1 / (squares[:, None] + squares)
        return (raw * squares + raw.T * squares[:, None]) * weights, weights

    def misfit(self, rank: int) -> float:
        kernel, _ = self.kernel(rank)
        columns = self.rows.shape[1]
        rest = self.images[:rank] - kernel @ (self.sizes[:rank, None] * self.rows[:rank])
        freedom = max(rank * columns - rank * (rank + 1) / 2, 1.0)
        return float(np.linalg.norm(rest)) / (self.gain * math.sqrt(freedom / self.dimension))

    def extremes(self, rank: int, inflation: float) -> tuple[Extreme, Extreme]:
        kernel, weights = self.kernel(rank)
        values, vectors = np.linalg.eigh(kernel)
        spread = np.sqrt(np.einsum("ai,ab,bi->i", vectors**2, weights, vectors**2))
        along = max(1 / math.sqrt(self.dimension), _ALONG_ONE)
        reaches = _DEVIATIONS * self.gain * along * inflation * spread
        full = self.basis[:, :rank] @ vectors
        low, high = int(np.argmin(values + reaches)), int(np.argmax(values - reaches))
        least, greatest = (
            Extreme(float(values[i]), float(reaches[i]), full[:, i]) for i in (low, high)
        )
        return least, greatest


def ritz(u: Array, v: Array, gain: float) -> Ritz | None:
    """Read the extreme Ritz values.

    Args:
        u: Columns u_t in units of the noise of xi_t, shape (N, n).
        v: Columns v_t = H u_t in the same units.
        gain: By how much that noise enters v_t - H u_t.

    Returns:
        The values, or None if no direction rises above the noise.
    """
    span = _Span(u, v, gain)
    inflation = _inflation(span)
    ranks = [span.rank(cut * inflation) for cut in _CUTS]
    kept = sorted({rank for rank in ranks if rank}, reverse=True)
    if not kept:
        return None
    pairs = [span.extremes(rank, inflation) for rank in kept]
    least = min((low for low, _ in pairs), key=lambda found: found.value + found.reach)
    greatest = max((high for _, high in pairs), key=lambda found: found.value - found.reach)
    return Ritz(least, greatest, inflation)


def _inflation(span: _Span) -> float:
    # The more noise, the fewer directions: raise it until what they leave of V = H U is noise.
    inflation = 1.0
    while rank := span.rank(_CUTS[0] * inflation):
        excess = span.misfit(rank) / inflation
        if excess <= _CONSISTENT:
            return inflation if inflation == 1 else _MARGIN * inflation
        inflation *= max(1.15, min(excess, 30.0))
    return inflation
