"""What a run showed between two steps, with no statement about the long run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from rootkappa import _checks
from rootkappa.rates._residuals import ArrayLike, largest_to_come, read_norms

# By this share of the window its ends are moved inwards.
_PLAY = 0.1


@dataclass(frozen=True)
class EffectiveFactor:
    """The mean factor a step over a window.

    Args:
        factor: (M_b/M_a)^(1/(b - a)), where M_t is the largest ||xi_s|| at any s >= t.
        interval: The same with both ends moved inwards by up to a tenth of the window: the play
            that oscillation and transient leave, no confidence interval.
        window: The steps a and b.
    """

    factor: float
    interval: tuple[float, float]
    window: tuple[int, int]


def effective_factor(norms: ArrayLike, window: tuple[int, int] | None = None) -> EffectiveFactor:
    """Read the mean factor a step between two steps.

    It assumes nothing, so it may be read of any run: schedules, restarts, kernels that move. It is
    the right measurement where a claim is about a run of a given length, and the wrong one for a
    spectral radius: the transient is in it.

    Args:
        norms: ||xi_t||, shape (T + 1,); NaN after the end of the run.
        window: First and last step, a < b; the whole run if None.

    Returns:
        The factor with the play of its ends.

    Raises:
        ValueError: If the shape is another, a number inside the run is not finite or negative, or
            the window does not fit the run, or ends where the residual is zero.
        TypeError: If the numbers are not floating-point ones.

    Example:
        >>> t = np.arange(101.0)
        >>> round(effective_factor(0.8**t, (20, 80)).factor, 12)
        0.8
    """
    largest = largest_to_come(read_norms(norms))
    first, last = (0, len(largest) - 1) if window is None else _steps(window)
    if not 0 <= first < last < len(largest):
        raise ValueError(
            f"window must be two steps a < b of a run of {len(largest) - 1} steps, got "
            f"{(first, last)}: choose them in it."
        )
    if not largest[last] > 0:
        raise ValueError(f"the residual is 0 at step {last}: end the window before it.")
    play = min(max(1, int(_PLAY * (last - first))), (last - first - 1) // 2)
    begins, ends = np.arange(first, first + play + 1), np.arange(last - play, last + 1)
    logs = np.log(largest[: last + 1])
    slopes = (logs[ends][None] - logs[begins][:, None]) / (ends[None] - begins[:, None])
    interval = (math.exp(slopes.min()), math.exp(slopes.max()))
    return EffectiveFactor(math.exp(slopes[0, -1]), interval, (first, last))


def _steps(window: Any) -> tuple[int, int]:
    given = _checks.sequence("window", window, "two steps (a, b)")
    if len(given) != 2:
        raise ValueError(f"window must be two steps (a, b), got {len(given)} numbers: give two.")
    first, last = (_checks.count("step of the window", step, 0) for step in given)
    return first, last
