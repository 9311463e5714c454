"""What the windows say together: which of them is believed, and why a run cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rootkappa.rates._reading import Reading
from rootkappa.rates._residuals import Residuals

# Noise raised by less than this is rounding: the kernel stood still from the start of the run.
_FROZEN = 30.0
# A misfit below this share of the residual is harmless wherever it comes from.
_HARMLESS = 1e-5
# Windows this many times wider than the narrowest still compete for the better fit.
_AS_NARROW = 1.5
# Slope of log(misfit) against log(level): -1 for a floor, 0 for a share of the residual, above 0
# for a kernel that settles.
_SLOPE = 0.4
_PLATEAU_STEPS = 60


@dataclass(frozen=True)
class Believed:
    """A reading with the drift of the kernel in its interval.

    Args:
        reading: The reading.
        drift: How far the factor moved from the window before.
    """

    reading: Reading
    drift: float

    @property
    def low(self) -> float:
        """The lower end."""
        return self.reading.low - self.drift

    @property
    def high(self) -> float:
        """The upper end, at most 1."""
        return max(min(self.reading.high + self.drift, 1.0), self.reading.low)

    @property
    def width(self) -> float:
        """Width of the interval."""
        return self.high - self.low


def believed(readings: Sequence[Reading]) -> Believed:
    """Choose among the windows.

    Args:
        readings: One a window, at least one.

    Returns:
        The narrowest that no other contradicts, the better fit of those about as narrow.
    """
    candidates = [Believed(reading, _drift(readings, i)) for i, reading in enumerate(readings)]
    # Every lower end holds, so a window whose upper end lies below one is refuted: never all.
    floor = max(candidate.low for candidate in candidates)
    agreeing = [candidate for candidate in candidates if candidate.high >= floor]
    slack = 1e-5 * abs(1 - agreeing[0].reading.factor)
    narrow = _AS_NARROW * min(candidate.width for candidate in agreeing) + slack
    close = [candidate for candidate in agreeing if candidate.width <= narrow]
    return min(close, key=lambda candidate: candidate.reading.misfit)


def _drift(readings: Sequence[Reading], i: int) -> float:
    if len(readings) == 1 or (i == 0 and readings[0].inflation <= _FROZEN):
        return 0.0
    return abs(readings[i].factor - readings[i - 1 if i else 1].factor)


def misfits_everywhere(readings: Sequence[Reading]) -> bool:
    """Say whether V = H U fails by a constant share of the residual, however small it gets.

    Args:
        readings: One a window.

    Returns:
        Whether it does: then no floor and no drift explains it.
    """
    loud = [r for r in readings if r.inflation > _FROZEN and r.misfit > _HARMLESS]
    if len(loud) < 3:
        return False
    levels = np.log([reading.window.start for reading in loud])
    shares = np.log([reading.misfit for reading in loud])
    return abs(float(np.polyfit(levels, shares, 1)[0])) <= _SLOPE


def rests_on_a_plateau(run: Residuals) -> bool:
    """Say whether the run ends in residuals that are all alike, above the noise.

    Args:
        run: The run.

    Returns:
        Whether it does. White noise of n steps has 1/n of its square in its mean; this asks for
        half.
    """
    xi, energies = run.xi, run.energies
    near = int(np.argmax(energies <= 3 * energies.min()))
    middle = near + (len(xi) - near) // 2
    tail = xi[middle:]
    short = len(xi) - near < _PLATEAU_STEPS or energies[near] > energies[0] / 10
    if short or energies[middle] > 1.05 * energies[-1] or energies[-1] < 1e3 * run.sizes[-1]:
        return False
    return float((tail.mean(0) ** 2).sum()) > 0.5 * float((tail**2).sum(1).mean())
