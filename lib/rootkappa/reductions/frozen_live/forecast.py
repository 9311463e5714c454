"""What a run is expected to do, from the kernel of the start: lists are made by it, never outputs.

With frozen bits the shared numbers obey a recursion of n k numbers. Where it goes bounds how far
pre-activations will be moved, and so how many pairs come near their kinks.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rootkappa.optimizers import Method
from rootkappa.reductions.frozen_live.bounds import Bounds, Hull
from rootkappa.reductions.frozen_live.neurons import Neurons
from rootkappa.reductions.frozen_live.passes import collect
from rootkappa.reductions.frozen_live.recursion import (
    Products,
    Restarts,
    advance,
    numbers,
    stop,
)

# Flips make the run leave the frozen flow, so that pairs a little further away count as warm.
_SLACK = 1.6
# Blocks in which warm pairs are counted for an estimate: some 16,000 neurons.
_SAMPLED = 8
# In the place of what is no number, so that every pair is warm.
_ENDLESS = 1e300


class Flow(NamedTuple):
    """A network whose bits are frozen from some step on.

    Args:
        method: The method.
        residual: xi, shape (n, k).
        kernel: The tangent kernel, shape (n k, n k).
        velocity: Of the shared numbers, shape (n, k).
        free: How outputs move with what is left alone, a unit velocity of it; shape (n, k).
        clock: The clock of the method's schedule.
    """

    method: Method
    residual: np.ndarray
    kernel: np.ndarray
    velocity: np.ndarray
    free: np.ndarray
    clock: int = 0

    @classmethod
    def resting(cls, method: Method, residual: np.ndarray, kernel: np.ndarray) -> Flow:
        """Give the flow from the start of a run.

        Args:
            method: The method.
            residual: xi, shape (n, k).
            kernel: The kernel, shape (n k, n k).

        Returns:
            The flow.
        """
        return cls(method, residual, kernel, 0 * residual, 0 * residual)

    @np.errstate(over="ignore", invalid="ignore")  # a run that diverges is a result
    def path(self, shares: np.ndarray, restarting: bool = True) -> tuple[np.ndarray, float]:
        """Follow the shared numbers from zero.

        Args:
            shares: The weights of the samples at each step to be taken, shape (T, n).
            restarting: Whether to ask the method's restart rule.

        Returns:
            Shape (T + 1, n, k), and how far a unit velocity that is left alone coasts meanwhile.
        """
        rule = self.method.restart if restarting else None
        restarts = Restarts(rule, float(np.linalg.norm(self.residual))) if rule else None
        shape, clock, far = self.residual.shape, self.clock, 0.0
        q, p = np.zeros(self.residual.size), self.velocity.ravel()
        c, cv, path = 0.0, 1.0, [q]
        weights = shares.repeat(shape[1], 1)
        for each in weights:
            now = numbers(self.method, clock)
            xi = self.residual.ravel() + self.kernel @ q + c * self.free.ravel()
            (q, p), (c, cv) = advance(q, p, each * xi, now), advance(c, cv, 0.0, now)
            clock += 1
            if restarts is not None and restarts.due(
                float(np.linalg.norm(xi)), self._products(each * xi, p), clock
            ):
                (q, p), clock = stop(q, p, now), 1
            path.append(q)
            far = max(far, abs(c))
        return np.array(path).reshape(-1, *shape), far

    def _products(self, slope: np.ndarray, p: np.ndarray) -> Products:
        image = self.kernel @ p
        return Products(slope @ self.kernel @ slope, slope @ image, p @ image)


@np.errstate(over="ignore", invalid="ignore")
def within_reach(path: np.ndarray, bounds: Bounds, past: Hull | None = None) -> np.ndarray:
    """Bound how far a run may move pre-activations, with some slack.

    Args:
        path: The frozen path from zero, shape (T + 1, n, k).
        bounds: The inputs.
        past: What the run has covered before, if anything.

    Returns:
        The bound of warm pairs, shape (2, n, k).
    """
    hull = bounds.hull(path)
    reach = _SLACK * bounds.hull_reach(hull if past is None else hull.joined(past))
    return np.nan_to_num(reach, nan=_ENDLESS, posinf=_ENDLESS)


@dataclass(frozen=True)
class Forecast:
    """What the reduction of a run is expected to cost.

    Args:
        warm_share: The share of warm pairs among all, counted on the first blocks.
        pairs: How many pairs that is.
        bytes: What their lists take in memory.
    """

    warm_share: float
    pairs: int
    bytes: int

    @classmethod
    def of(cls, neurons: Neurons, bounds: Bounds, scale: float, within: np.ndarray) -> Forecast:
        """Count on a sample of the neurons.

        Args:
            neurons: All neurons.
            bounds: The inputs.
            scale: s.
            within: The bound of warm pairs.

        Returns:
            The forecast.
        """
        sample = list(islice(neurons, _SAMPLED))
        seen = sum(len(block.W) * (1 if block.twins is None else 2) for block in sample)
        n, k = within.shape[1:]
        warm = len(collect(sample, bounds, scale, within).r)
        share = warm / (seen * n)
        pairs = int(share * neurons.width * n)
        # Two copies while parts are joined, and what a refresh computes a pair.
        return cls(share, pairs, pairs * (2 * (24 + 8 * k + n // 8) + 64))


def check_memory(needed: int, what: str, remedy: str) -> None:
    """Check that something fits into what is left of this machine's memory.

    Args:
        needed: Bytes.
        what: What takes them, for the message.
        remedy: What to do if it does not fit.

    Raises:
        MemoryError: If it does not.
    """
    left = available_bytes()
    if needed > left:
        raise MemoryError(
            f"{what} would take {needed / 2**30:.3g} GiB, and {left / 2**30:.3g} GiB of memory "
            f"are left: {remedy}."
        )


def available_bytes() -> int:
    """Give the memory that this machine has left.

    Returns:
        Bytes; all that the machine has, where it does not say what is left.
    """
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
        left = {line.partition(":")[0]: line.split()[1] for line in lines}
        return 1024 * int(left["MemAvailable"])
    except (OSError, KeyError):  # no Linux
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
