"""What is read of the records of a plane: where forecasts are right, and the best tuning."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from rootkappa.evidence.atlas.planes import Array
from rootkappa.evidence.measured import Evidence
from rootkappa.ledger import Control
from rootkappa.sweeps import Table

# "Right" is within this share of the forecast.
CLOSE = 0.05
# Networks whose kernel hardly moves, and networks whose kernel moves far.
_WIDE, _NARROW = 1024, 16


def stable(table: Table) -> Array:
    """Say which runs the kernel at the start predicts to converge.

    Args:
        table: Records.

    Returns:
        A boolean a run: below the stability limit every eigenvalue of the spectrum has a radius
        below 1.
    """
    return over_limit(table) < 1 - 1e-12


def relative(table: Table) -> Array:
    """Give the rate of each run over its forecast.

    Args:
        table: Records.

    Returns:
        A number a run; 1 where the forecast is right, NaN where it overflows.
    """
    return np.asarray(table["rate"] / table["forecast"])


def right(table: Table) -> Array:
    """Say which runs have a rate within `CLOSE` of their forecast.

    Args:
        table: Records.

    Returns:
        A boolean a run.
    """
    return np.asarray(np.abs(relative(table) - 1) <= CLOSE)


def over_limit(table: Table) -> Array:
    """Give step sizes in units of the largest stable one, (2 + 2 beta)/(1 + 2 gamma).

    Args:
        table: Records.

    Returns:
        A number a run; 1 on the frontier.
    """
    beta = table["momentum"]
    limit = (2 + 2 * beta) / (1 + 2 * beta * (table["family"] == "nesterov"))
    return np.asarray(table["step_size"] / limit)


def by_draw(table: Table, values: Array, among: Array) -> list[float]:
    """Average over the chosen runs of each draw.

    Args:
        table: Records.
        values: A number or a boolean a run.
        among: Which runs count.

    Returns:
        A mean a seed, in the order of the seeds.
    """
    seeds = table["seed"]
    return [float(values[among & (seeds == seed)].mean()) for seed in np.unique(seeds)]


def misses(table: Table) -> list[float]:
    """Give the median relative miss of the forecast on the stable plane of each draw.

    Args:
        table: Records.

    Returns:
        A number a seed.
    """
    return [float(np.median(np.abs(relative(one) - 1)[stable(one)])) for one in each_draw(table)]


def ratios(table: Table) -> list[float]:
    """Give the median of rate over forecast on the stable plane of each draw.

    Args:
        table: Records.

    Returns:
        A number a seed.
    """
    return [float(np.median(relative(one)[stable(one)])) for one in each_draw(table)]


def each_draw(table: Table) -> list[Table]:
    """Part the records by draw.

    Args:
        table: Records.

    Returns:
        Those of each seed, in the order of the seeds.
    """
    return [table.where(seed=seed) for seed in np.unique(table["seed"])]


class Best(NamedTuple):
    """The best measured tuning of a plane beside the one that the forecast calls best.

    Args:
        measured: The row of the fastest run that converged.
        told: The row of the fastest forecast among those that are stable.
        loss: The rate of the first over the rate measured at the second.
        distance: Of the two in momentum.
    """

    measured: int
    told: int
    loss: float
    distance: float


def best_of(table: Table) -> Best:
    """Find the best tuning of one draw.

    Args:
        table: Records of one family and one draw.

    Returns:
        The best.
    """
    found = np.where(table["status"] == "CONVERGED", table["rate"], 0.0)
    forecast = np.where(stable(table), table["forecast"], 0.0)
    best, told = int(found.argmax()), int(forecast.argmax())
    loss = float(found[best] / found[told]) if found[told] > 0 else math.inf
    distance = abs(table["momentum"][best] - table["momentum"][told])
    return Best(best, told, loss, float(distance))


def wide_and_narrow(at: Callable[[int], Mapping[str, list[float]]]) -> Evidence:
    """Measure wide networks, and narrow ones as their control.

    Args:
        at: What is measured at a width.

    Returns:
        The evidence.
    """
    return Evidence(at(_WIDE), Control(f"the same networks of width {_NARROW}", at(_NARROW)))
