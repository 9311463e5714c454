"""Residual vectors as the readings take them: relative to the start, cut where the run ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from rootkappa import _checks

Array = npt.NDArray[np.float64]
ArrayLike = torch.Tensor | npt.NDArray[Any] | Sequence[Any]

# Rounding of ||xi_t|| in units of the last place: a step of training is a few operations long.
_ULPS = 4.0


@dataclass(frozen=True)
class Residuals:
    """A run, its residuals divided by ||xi_0||.

    Args:
        xi: Residuals, shape (T + 1, N).
        energies: ||(xi_t, xi_{t-1})|| / sqrt 2, shape (T + 1,), with xi_{-1} = xi_0.
        noise: Noise of ||xi_t|| to begin with: rounding, or what the caller knows.
        rounding: Noise relative to ||xi_t||, which no run goes below.
    """

    xi: Array
    energies: Array
    noise: float
    rounding: float

    @property
    def sizes(self) -> Array:
        """Noise of ||xi_t|| at every step, shape (T + 1,)."""
        return np.hypot(self.noise, self.rounding * self.energies)


def read(residuals: ArrayLike, noise: float | None = None) -> Residuals:
    """Check residuals and take them as a run.

    Args:
        residuals: Shape (T + 1, N), or (T + 1,); rows after the end of the run are NaN.
        noise: Known noise of ||xi_t||, in its units; rounding if None.

    Returns:
        The run.

    Raises:
        ValueError: If the shape is another, a row inside is not finite, the start is zero, or the
            noise is negative.
    """
    xi, precision = floats("residuals", residuals)
    if xi.ndim not in {1, 2} or xi.size == 0:
        raise ValueError(
            f"residuals must have shape (T + 1, N), or (T + 1,) for one mode, got {xi.shape}: pass "
            "one replica at a time, or the whole trajectory to tail_factors."
        )
    xi = until_the_end("residuals", xi.reshape(len(xi), -1))
    start = float(np.linalg.norm(xi[0]))
    if not start > 0:
        raise ValueError("residuals start at 0, so that nothing decays: start away from the fit.")
    rounding = _ULPS * precision
    xi = xi / start
    if noise is None:
        return Residuals(xi, energies(xi), rounding, rounding)
    known = _checks.at_least("noise", noise, 0.0, "give that of ||xi_t||")
    return Residuals(xi, energies(xi), known / start, rounding)


def energies(xi: Array) -> Array:
    """Give ||(xi_t, xi_{t-1})|| / sqrt 2, which oscillates less than the norm.

    Args:
        xi: Residuals, shape (T + 1, N).

    Returns:
        Energies, shape (T + 1,).
    """
    norms = np.linalg.norm(xi, axis=1)
    both: Array = np.hypot(norms, np.r_[norms[0], norms[:-1]]) / np.sqrt(2)
    return both


def floats(name: str, values: ArrayLike) -> tuple[Array, float]:
    """Take a tensor, an array or a list as float64.

    Args:
        name: What they are, for the message.
        values: The numbers.

    Returns:
        The array, and the unit of rounding of the precision that it came in.

    Raises:
        TypeError: If the numbers are not floating-point ones.
    """
    array = _array(name, values)
    if not np.issubdtype(array.dtype, np.floating):
        raise TypeError(
            f"{name} must hold floating-point numbers, got {array.dtype}: convert them to float64."
        )
    return array.astype(np.float64), float(np.finfo(array.dtype).eps)


def read_norms(norms: ArrayLike) -> Array:
    """Check the norms of a run.

    Args:
        norms: ||xi_t||, shape (T + 1,); NaN after the end of the run.

    Returns:
        The norms of the run.

    Raises:
        ValueError: If the shape is another, one inside the run is not finite, one is negative, or
            the first is zero.
    """
    values, _ = floats("norms", norms)
    if values.ndim != 1 or not len(values):
        raise ValueError(
            f"norms must have shape (T + 1,), got {values.shape}: pass one replica at a time."
        )
    values = until_the_end("norms", values)
    if values.min() < 0 or not values[0] > 0:
        raise ValueError(
            f"norms must be at least 0 and start above 0, got {values.min()} as the least and "
            f"{values[0]} at the start: pass ||xi_t||, not its logarithm."
        )
    return values


def largest_to_come(sizes: Array) -> Array:
    """Give the envelope M_t, the largest size at any s >= t.

    Args:
        sizes: Shape (T + 1,).

    Returns:
        The same shape.
    """
    return np.maximum.accumulate(sizes[::-1])[::-1]


def as_float64(name: str, values: ArrayLike) -> Array:
    """Take numbers of any kind as float64.

    Args:
        name: What they are, for the message.
        values: A tensor, an array or a list, of whole numbers too.

    Returns:
        The array.

    Raises:
        TypeError: If they are no real numbers.
    """
    array = _array(name, values)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must hold real numbers, got {array.dtype}: convert them.")
    return array.astype(np.float64)


def _array(name: str, values: ArrayLike) -> npt.NDArray[Any]:
    return np.asarray(_checks.dense(name, values).detach().cpu())


def until_the_end(name: str, rows: Array) -> Array:
    """Drop the rows after the end of a run, which are not finite.

    Args:
        name: What they are, for the message.
        rows: Shape (T + 1, ...).

    Returns:
        The rows of the run.

    Raises:
        ValueError: If the first row is not finite, or one that is follows one that is not.
    """
    finite = np.logical_and.reduce(np.isfinite(rows.reshape(len(rows), -1)), axis=1)
    end = len(rows) if finite.all() else int(np.argmin(finite))
    if end == 0 or finite[end:].any():
        raise ValueError(
            f"{name} hold NaN or infinity at step {end}, inside the run: only entries after its "
            "end may, so cut it there."
        )
    return rows[:end]
