"""Where a run settled on a floor: its last part stays level while the run fell before."""

from __future__ import annotations

import math

import numpy as np

from rootkappa.rates._residuals import Array

_LEAST_STEPS = 20
# Steps above this many times the floor are kept.
_ABOVE = 20.0
# Standard errors of the trend that count as none.
_DEVIATIONS = 4.0


def left_out(envelope: Array, norms: Array, last: int) -> tuple[int, str]:
    """Give the last step above a floor.

    Args:
        envelope: The largest energy still to come, shape (T + 1,).
        norms: ||xi_t||, shape (T + 1,).
        last: The last step to look at.

    Returns:
        The last step above the floor, `last` if there is none, and a remark.
    """
    kept = norms[: last + 1]
    level = float(np.median(kept[-max(10, last // 10) :]))
    reached = int(np.argmax(kept <= 2 * level))
    logs = np.log(np.maximum(kept[reached + (last - reached) // 4 :], 1e-300))
    if len(logs) < _LEAST_STEPS or reached < _LEAST_STEPS:
        return last, ""
    fell = math.log(envelope[0] / envelope[reached])
    above = np.flatnonzero(kept > _ABOVE * level)
    if not (_is_level(logs, fell) and len(above)):
        return last, ""
    return int(above[-1]), f"a floor at {level:.1e} was left out"


def _is_level(logs: Array, fell: float) -> bool:
    # The trend over tenths of the part is none within its error, and small next to the fall before.
    length = max(2, len(logs) // 10)
    tenths = logs[: len(logs) // length * length].reshape(-1, length).mean(1)
    places = np.arange(len(tenths)) - (len(tenths) - 1) / 2
    slope = float(places @ tenths) / float(places @ places)
    rest = tenths - tenths.mean() - slope * places
    freedom = max(len(tenths) - 2, 1)
    error = math.sqrt(float(rest @ rest) / freedom / float(places @ places))
    drop = -slope * len(tenths)
    return drop < _DEVIATIONS * error * len(tenths) + 1e-12 and fell > 30 * max(drop, 0.005)
