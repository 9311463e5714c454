"""The fastest heavy ball without a cycle: no faster than 1 - 16/kappa."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from rootkappa import devices, draws
from rootkappa.dynamics.cycles import cycle_margins
from rootkappa.evidence.local_global.cycles import spectrum
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method, heavy_ball, nesterov

Array = np.ndarray[Any, np.dtype[np.float64]]

# Methods of a map: 1 - beta and eta L, in units of 1 / kappa.
_SIZE, _MAPPED = 60, (400.0, 1e5)
_BETAS, _ETAS = (16.0, 64.0), (64.0, 1024.0)


@measures("local-global/no-acceleration")
def no_acceleration(seeds: Sequence[int]) -> Evidence:
    """Look for the fastest heavy ball without a cycle.

    Args:
        seeds: The seeds of the condition numbers.

    Returns:
        The evidence; gaps are (1 - rho) kappa.
    """
    kappas = [_between(_MAPPED, seed) for seed in seeds]

    def compare(make: Callable[[float, float], Method]) -> dict[str, Any]:
        each = [fastest(kappa, make)[0] for kappa in kappas]
        return {"gap": each, "limit": fastest(1e6, make, size=150)[0]}

    found = compare(heavy_ball)
    control = Control("Nesterov's extrapolation with the same two numbers", compare(nesterov))
    return Evidence(found, control, shown={"kappas": kappas})


def fastest(
    kappa: float, make: Callable[[float, float], Method], size: int = _SIZE
) -> tuple[float, float, float]:
    """Search a grid of step sizes and momenta for the fastest method without a cycle.

    Args:
        kappa: The condition number; L = 1.
        make: heavy_ball or nesterov.
        size: Points along each axis.

    Returns:
        (1 - rho) kappa on quadratics, eta and beta.
    """
    beta = 1 - np.minimum(np.geomspace(*_BETAS, size) / kappa, 1.0)
    eta = np.geomspace(*_ETAS, size) / kappa
    E, B = (axis.ravel() for axis in np.meshgrid(eta, beta))
    G = B if make(1.0, 0.5).extrapolation else np.zeros_like(B)
    allowed = E < (2 + 2 * B) / (1 + 2 * G)
    E, B, G = E[allowed], B[allowed], G[allowed]
    gap = (1 - np.maximum(_radius(E, B, G, 1 / kappa), _radius(E, B, G, 1.0))) * kappa
    # From the fastest on: the first without a cycle is the answer.
    for place in np.argsort(-gap):
        method = make(float(E[place]), float(B[place]))
        if not _cycles(method, kappa):
            return float(gap[place]), float(E[place]), float(B[place])
    return 0.0, math.nan, math.nan


def _radius(eta: Array, beta: Array, gamma: Array, value: float) -> Array:
    p = 1 + beta - eta * value * (1 + gamma)
    q = beta - eta * value * gamma
    root = np.sqrt((p**2 - 4 * q).astype(complex))
    radius: Array = np.maximum(np.abs(p + root), np.abs(p - root)) / 2
    return radius


def plane(kappa: float, etas: Array, betas: Array) -> tuple[Array, Array]:
    """Look at heavy ball over its two numbers, with L = 1.

    Args:
        kappa: The condition number.
        etas: Step sizes, shape (m,).
        betas: Momenta, shape (n,).

    Returns:
        (1 - rho) kappa on quadratics, and whether there is a cycle, each of shape (n, m).
    """
    E, B = np.meshgrid(etas, betas)
    still = np.zeros_like(E)
    radii = np.maximum(_radius(E, B, still, 1 / kappa), _radius(E, B, still, 1.0))
    cycling = [
        _cycles(heavy_ball(float(e), float(b)), kappa)
        for e, b in zip(E.ravel(), B.ravel(), strict=True)
    ]
    return (1 - radii) * kappa, np.array(cycling).reshape(E.shape)


def _cycles(method: Method, kappa: float) -> bool:
    # Angles of the easiest cycle are about sqrt(eta/2).
    longest = int(6 * math.pi / math.sqrt(method.constants("a cycle")[0] / 2)) + 20
    margins = cycle_margins(method, spectrum(kappa), torch.arange(2, longest))
    return bool((margins <= 0).any())


def _between(ends: tuple[float, float], seed: int) -> float:
    source = draws.numpy_generator(devices.seed(what="kappa", seed=seed))
    return float(ends[0] * (ends[1] / ends[0]) ** source.uniform())
