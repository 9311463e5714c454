"""Where heavy ball cycles: the condition, the map, and a function."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from scipy.optimize import brentq, linprog

from rootkappa import devices, draws, optimizers
from rootkappa.dynamics.cycles import CyclicFunction, cycle_margin, cycle_margins, cycle_period
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method, nesterov
from rootkappa.problems import Spectrum
from rootkappa.theorems import HeavyBallCycle

Tuning = Callable[[Spectrum], Method]
Array = np.ndarray[Any, np.dtype[np.float64]]

NESTEROV: tuple[Tuning, ...] = (
    optimizers.lazy_nesterov,
    optimizers.classical_nesterov,
    optimizers.optimal_nesterov,
)
_TRIED, _PERIODS = 20, (3, 16)
# A margin this near to 0 is left to rounding, in either check.
_CLEAR = 1e-7
_LONGEST = 60
# Where Nesterov is looked at, and how finely in step size and momentum.
_STABLE_KAPPAS, _GRID = (2.0, 30.0, 1e3), 20
# Distances below this are not told apart: rounding has a say in them.
_RESOLVED = 1e-6
# The cycle's ends of kappa; a run returns after so many rounds, from so near.
_CYCLING, _ROUNDS, _NUDGE = (60.0, 1e3), 80, 1e-3


def spectrum(kappa: float) -> Spectrum:
    """Give mu and L with L = 1.

    Args:
        kappa: L / mu.

    Returns:
        The two.
    """
    return Spectrum(1 / kappa, 1.0)


def interpolable(points: Array, slopes: Array, bounds: Spectrum) -> bool:
    """Ask a linear program whether a function in the class has these gradients at these points.

    Args:
        points: Shape (K, 2).
        slopes: The gradients, the same shape.
        bounds: mu and L, with mu < L.

    Returns:
        Whether values exist with which every ordered pair meets the interpolation condition.

    Source: Taylor, Hendrickx and Glineur (2017), Theorem 4.
    """
    mu, L, K = bounds.lambda_min, bounds.lambda_max, len(points)
    i, j = (index.ravel() for index in np.nonzero(~np.eye(K, dtype=bool)))
    dy, dg = points[i] - points[j], slopes[i] - slopes[j]
    cross = (dg * dy).sum(1)
    curved = ((dg**2).sum(1) / L + mu * (dy**2).sum(1) - 2 * mu / L * cross) / (2 * (1 - mu / L))
    # f_i >= f_j + <g_j, y_i - y_j> + curved, as -f_i + f_j <= -(...).
    rows = np.eye(K)[j] - np.eye(K)[i]
    limits = -(slopes[j] * dy).sum(1) - curved
    limits /= np.abs(limits).max()
    found = linprog(np.zeros(K), rows, limits, bounds=[(None, None)] * K)
    return bool(found.status == 0)


@measures("local-global/cycle-condition")
def cycle_condition(seeds: Sequence[int]) -> Evidence:
    """Compare the condition with a linear program on drawn methods, constants and periods.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence; `shown` counts how many of the drawn cases have a cycle.
    """

    def disagreements(mistaken: bool) -> tuple[list[float], int]:
        counts, cycles = [], 0
        for seed in seeds:
            cases = [_drawn(seed, trial) for trial in range(_TRIED)]
            clear = [case for case in cases if abs(cycle_margin(*case)) > _CLEAR]
            truth = [_linear_program(*case) for case in clear]
            said = [_said(*case, mistaken) for case in clear]
            counts.append(float(sum(a is not b for a, b in zip(truth, said, strict=True))))
            cycles += sum(truth)
        return counts, cycles

    found, cycles = disagreements(False)
    control = Control("the other neighbour on the circle", {"wrong": disagreements(True)[0]})
    cases = {"cases": _TRIED * len(seeds), "cycles": cycles}
    return Evidence({"wrong": found}, control, shown=cases)


def _drawn(seed: int, trial: int) -> tuple[Method, Spectrum, int]:
    # Every other one heavy ball; step sizes next to the limit of stability cycle more often.
    source = draws.numpy_generator(devices.seed(what="cycle", seed=seed, trial=trial))
    at, step, damping, share = source.uniform(size=4)
    bounds, beta = spectrum(10 ** (0.2 + 3.8 * at)), 1 - 10 ** (-2.5 * damping)
    gamma = 0.0 if trial % 2 else beta * share
    limit = (2 + 2 * beta) / (1 + 2 * gamma)
    method = Method(limit * (1 - 10 ** (-2 * step)), beta, gamma, "drawn")
    return method, bounds, int(source.integers(*_PERIODS))


def _linear_program(method: Method, bounds: Spectrum, period: int) -> bool:
    eta, beta, gamma = method.constants("a cycle")
    turns = 2 * np.pi * np.arange(period) / period
    w = np.stack([np.cos(turns), np.sin(turns)], 1)
    before, after = np.roll(w, 1, 0), np.roll(w, -1, 0)
    slopes = (w + beta * (w - before) - after) / eta
    return interpolable(w + gamma * (w - before), slopes, bounds)


def _said(method: Method, bounds: Spectrum, period: int, mistaken: bool) -> bool:
    margin = cycle_margin(method, bounds, period)
    if mistaken:
        eta, beta, gamma = method.constants("a cycle")
        z = complex(math.cos(2 * math.pi / period), math.sin(2 * math.pi / period))
        b = ((1 + beta) - beta / z - z) / (eta * bounds.lambda_max * ((1 + gamma) - gamma / z))
        margin -= 2 * (1 - 1 / bounds.kappa) * abs(b.imag) / math.tan(math.pi / period)
    return margin <= 0


def threshold(tuning: Tuning, longest: int = _LONGEST, largest: float = 1e4) -> float:
    """Give the least kappa from which a tuning cycles.

    Args:
        tuning: A tuning.
        longest: The largest K.
        largest: The largest kappa that is looked at.

    Returns:
        kappa; infinite if there is none.
    """

    def least(kappa: float) -> float:
        bounds = spectrum(kappa)
        return float(cycle_margins(tuning(bounds), bounds, range(3, longest + 1)).min())

    kappas = np.geomspace(1.05, largest, 120)
    signs = [least(kappa) <= 0 for kappa in kappas]
    if True not in signs:
        return math.inf
    first = signs.index(True)
    return float(brentq(least, kappas[first - 1], kappas[first], xtol=1e-10))


@measures("local-global/cycle-map")
def cycle_map() -> Evidence:
    """Find from which kappa the tunings of the papers cycle.

    Returns:
        The evidence; `shown` has the periods at some kappa.
    """

    def extrapolated(tuning: Tuning) -> Tuning:
        def changed(bounds: Spectrum) -> Method:
            method = tuning(bounds)
            return nesterov(method.step_size, method.constants("a cycle")[1])

        return changed

    def compare(change: Callable[[Tuning], Tuning]) -> dict[str, float]:
        polyak = threshold(change(optimizers.optimal_heavy_ball))
        return {
            "polyak": polyak / (2 + math.sqrt(5)) ** 2,
            "wang": threshold(change(optimizers.modular_heavy_ball)),
            "nesterov": float(sum(math.isfinite(threshold(one)) for one in NESTEROV)),
            "nesterov_stable": float(_stable_with_a_cycle()),
        }

    found = compare(lambda tuning: tuning)
    control = Control("Nesterov's extrapolation with the same two numbers", compare(extrapolated))
    shown = {str(kappa): _periods(kappa) for kappa in (50, 100, 1000, 10000)}
    return Evidence(found, control, shown=shown)


def _stable_with_a_cycle() -> int:
    # How many of a grid of Nesterov's methods below the limit of stability have a cycle.
    count = 0
    for kappa in _STABLE_KAPPAS:
        for beta in np.linspace(0, 0.999, _GRID):
            limit = (2 + 2 * beta) / (1 + 2 * beta)
            for share in np.linspace(0.02, 0.999, _GRID):
                method = nesterov(float(share * limit), float(beta))
                margins = cycle_margins(method, spectrum(kappa), range(2, _LONGEST + 1))
                count += bool((margins <= 0).any())
    return count


def _periods(kappa: float) -> list[tuple[int, int]]:
    # The least and the largest period of both heavy balls, (0, 0) for none.
    bounds, spans = spectrum(kappa), []
    for tuning in (optimizers.optimal_heavy_ball, optimizers.modular_heavy_ball):
        cycling = torch.nonzero(cycle_margins(tuning(bounds), bounds, range(2, 200)) <= 0) + 2
        spans.append((int(cycling.min()), int(cycling.max())) if len(cycling) else (0, 0))
    return spans


@measures("local-global/cycle-on-a-function")
def cycle_on_a_function(seeds: Sequence[int]) -> Evidence:
    """Run the tuning of Wang et al. on a function on which it cycles, from near the cycle.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence; `shown` has the function and the path of each draw.
    """

    def compare(change: Callable[[CyclicFunction], Method]) -> tuple[dict[str, Any], list[Any]]:
        functions = [cyclic(seed) for seed in seeds]
        paths = [visit(f, change(f), seed) for f, seed in zip(functions, seeds, strict=True)]
        pairs = list(zip(functions, paths, strict=True))
        away = [float((path[-f.period :].norm(dim=1) - 1).abs().max()) for f, path in pairs]
        back = [float((path[-1] - path[-1 - f.period]).norm()) for f, path in pairs]
        curved = [curvatures(f, seed) for f, seed in zip(functions, seeds, strict=True)]
        least, largest = zip(*curved, strict=True)
        measured = {
            "off": [max(_RESOLVED, value) for value in away],
            "round": [max(_RESOLVED, value) for value in back],
            "strong": list(least),
            "smooth": list(largest),
        }
        return measured, pairs

    found, shown = compare(lambda f: f.method)
    slower, _ = compare(lambda f: optimizers.lazy_nesterov(f.spectrum))
    checked = [HeavyBallCycle(f.method).check(f.spectrum) for f, _ in shown]
    control = Control("Nesterov with the tuning of Liu et al., on the same functions", slower)
    return Evidence(found, control, hypotheses=checked, shown={"runs": shown})


def cyclic(seed: int) -> CyclicFunction:
    """Draw a condition number, and the function on which heavy ball cycles there.

    Args:
        seed: The seed.

    Returns:
        The function, with the shortest cycle of the tuning of Wang et al.
    """
    source = draws.numpy_generator(devices.seed(what="cyclic", seed=seed))
    low, high = _CYCLING
    bounds = spectrum(low * (high / low) ** source.uniform())
    method = optimizers.modular_heavy_ball(bounds)
    period = cycle_period(method, bounds)
    assert period is not None  # kappa is above the threshold
    return CyclicFunction(method, bounds, period)


def visit(f: CyclicFunction, method: Method, seed: int) -> torch.Tensor:
    """Run a method in the plane from two points next to the cycle.

    Args:
        f: The function.
        method: The method.
        seed: The seed of how the start is moved.

    Returns:
        Iterates of many rounds, shape (T, 2).
    """
    eta, beta, gamma = method.constants("a run")
    away = _NUDGE * draws.normal((2, 2), draws.generator(seed))
    before, w = f.weights[-1] + away[0], f.weights[0] + away[1]
    path = [w]
    for _ in range(_ROUNDS * f.period):
        slope = f.gradient(w + gamma * (w - before))
        before, w = w, w + beta * (w - before) - eta * slope
        path.append(w)
    return torch.stack(path)


def curvatures(f: CyclicFunction, seed: int, pairs: int = 2000) -> tuple[float, float]:
    """Look for the least and the largest curvature between drawn pairs of points.

    Args:
        f: The function.
        seed: The seed of the points.
        pairs: How many.

    Returns:
        The least <dg, dx> / |dx|^2 over mu, and the largest |dg| / |dx| over L.
    """
    x, y = 2 * draws.normal((2, pairs, 2), draws.generator(seed))
    away, difference = x - y, f.gradient(x) - f.gradient(y)
    square = away.square().sum(1)
    strong = (difference * away).sum(1) / square / f.spectrum.lambda_min
    smooth = (difference.square().sum(1) / square).sqrt() / f.spectrum.lambda_max
    return float(strong.min()), float(smooth.max())
