"""The public notebook of Bu, Xu and Chen: its printed losses, the digits, and two coefficients."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

import torch

from rootkappa import datasets, draws
from rootkappa.architectures import TwoLayerReLU
from rootkappa.evidence.dynamical_view.laws import power_law
from rootkappa.evidence.dynamical_view.runs import by_method
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import (
    HigherMomentum,
    Method,
    NesterovSchedule,
    gradient_descent,
    nesterov,
)
from rootkappa.problems import Spectrum
from rootkappa.training import Trajectory, grid

# Exponent and misfit of each draw.
Fits = list[tuple[float, float]]

FRICTIONS = (2, 3, 6, 8)
STILL = "gradient descent"
# Printed losses are read from this epoch on.
_LATE = 1500
# Of the network on the digits, whose step is this over lambda_max.
_SAMPLES, _UNITS, _EPOCHS, _STEP = 80, 80, 1500, 0.7


@measures("dynamical-view/authors-data")
def authors_data(seeds: Sequence[int]) -> Evidence:
    """Fit power laws and exponentials to the printed losses, and to those of drawn digits.

    Args:
        seeds: The seeds of the digits and of the weights.

    Returns:
        The evidence.
    """
    epochs, losses = datasets.bu2021_losses()
    late = epochs >= _LATE
    printed = {d: power_law(epochs[late], losses[f"d = {d}"][late]) for d in FRICTIONS}
    runs = trained_on_digits(seeds)
    found = {name: _fits(run) for name, run in by_method(runs).items()}

    def typical(fits: Mapping[int, Fits]) -> dict[str, list[float]]:
        # Of each draw the median over d.
        excess = [[-slope - d for slope, _ in of] for d, of in fits.items()]
        ratios = [[ratio for _, ratio in of] for of in fits.values()]
        return {
            "digits_excess": list(map(median, zip(*excess, strict=True))),
            "digits_ratio": list(map(median, zip(*ratios, strict=True))),
        }

    return Evidence(
        {
            **{f"slope_d{d}": slope for d, (slope, _) in printed.items()},
            "excess": min(-slope - d for d, (slope, _) in printed.items()),
            "printed_ratio": max(ratio for _, ratio in printed.values()),
            **typical({d: found[f"d = {d}"] for d in FRICTIONS}),
        },
        Control("no momentum", typical(dict.fromkeys(FRICTIONS, found[STILL]))),
        shown={"printed": printed, "digits": found, "runs": runs},
    )


@measures("dynamical-view/higher-momentum")
def higher_momentum(seeds: Sequence[int]) -> Evidence:
    """Compute how slowly a velocity of two coefficients forgets, and measure it after a kick.

    Args:
        seeds: The seeds of coefficients and kicks.

    Returns:
        The evidence.
    """

    def compare(total: float) -> dict[str, Any]:
        each = [(seed, _coefficients(seed, total)) for seed in seeds]
        authors = HigherMomentum(1e-4, 0.2, total - 0.2)
        return {
            "root_error": abs(authors.memory_roots[0] - 1),
            "drawn_error": [abs(method.memory_roots[0] - 1) for _, method in each],
            "run_error": [abs(_remembered(method, seed) - 1) for seed, method in each],
        }

    return Evidence(compare(1.0), Control("coefficients that sum to 0.7", compare(0.7)))


def trained_on_digits(seeds: Sequence[int]) -> Trajectory:
    """Repeat the notebook on digits of scikit-learn: its network, its start, its methods.

    Args:
        seeds: The seeds of the digits and of the weights.

    Returns:
        The runs, with the axes "method" and "seed".
    """

    def problem(seed: int) -> TwoLayerReLU:
        raw = datasets.load("digits", n=_SAMPLES, seed=seed, form="raw")
        whole = {"bias": True, "train_output": True}
        return TwoLayerReLU(raw.X / 16, raw.Y, _UNITS, "bu2021", "none", **whole)

    def still(spectrum: Spectrum) -> Method:
        return gradient_descent(_STEP / spectrum.lambda_max)

    def schedule(d: int) -> Callable[[Spectrum], Method]:
        return lambda spectrum: nesterov(_STEP / spectrum.lambda_max, NesterovSchedule(d))

    methods = {STILL: still} | {f"d = {d}": schedule(d) for d in FRICTIONS}
    return grid(problem, method=methods, seed=seeds).train(_EPOCHS)


def _fits(runs: Trajectory) -> Fits:
    # Of the losses in the last three quarters.
    places = torch.arange(_EPOCHS // 4, _EPOCHS + 1, _EPOCHS // 80)
    return [power_law(places.double(), losses[places]) for losses in runs.losses]


def _coefficients(seed: int, total: float) -> HigherMomentum:
    place = float(torch.rand(1, generator=draws.generator(seed), dtype=torch.float64))
    first = total * (0.1 + 0.8 * place)
    return HigherMomentum(1e-4, first, total - first)


def _remembered(method: HigherMomentum, seed: int, steps: int = 30) -> float:
    # The larger root of v_(t+1) = p v_t + q v_(t-1), with p and q fitted to the velocities after a
    # gradient that acts once.
    kick = draws.normal((4,), draws.generator(seed))
    forces = iter([kick, *[torch.zeros_like(kick)] * steps])
    points = torch.stack(list(method.run(lambda w: next(forces), torch.zeros_like(kick), steps)))
    v = points.diff(dim=0) @ kick / (points[1] @ kick)
    before = torch.stack([v[1:-1], v[:-2]], 1)
    p, q = torch.linalg.lstsq(before, v[2:, None]).solution.flatten().tolist()
    return float(p + math.sqrt(p**2 + 4 * q)) / 2
