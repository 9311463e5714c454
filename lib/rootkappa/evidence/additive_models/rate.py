"""The exact rate of the theorem's numbers on a quadratic, in eigenvalues and in runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch

from rootkappa import draws, dynamics, rates
from rootkappa.evidence.additive_models.drawn import Draw, between, drawn
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method, nesterov
from rootkappa.theorems.liao2024provable.parameters import Parameters
from rootkappa.training import Trajectory, grid

Tuning = Callable[[Parameters], Method]

_C = (0.05, 1.0)
# So large that what the formula leaves out is below 1e-7.
_HUGE = 1e14


def theirs(numbers: Parameters) -> Method:
    """Give Nesterov with the theorem's step and momentum.

    Args:
        numbers: The theorem's numbers.

    Returns:
        The method.
    """
    return nesterov(numbers.eta, numbers.beta)


def classical(numbers: Parameters) -> Method:
    """Give Nesterov with the theorem's step and the classical momentum, (1 - q)/(1 + q).

    Args:
        numbers: The theorem's numbers.

    Returns:
        The method.
    """
    return nesterov(numbers.eta, (1 - numbers.q) / (1 + numbers.q))


@measures("additive-models/exact-rate")
def exact_rate(seeds: Sequence[int]) -> Evidence:
    """Compare the loss of a quadratic with the exact factor and the beat of its slowest mode.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def compare(tuning: Tuning) -> dict[str, list[float]]:
        found = [_deviations(seed, tuning) for seed in seeds]
        names = ("deviation", "run_deviation", "beat_deviation")
        return dict(zip(names, map(list, zip(*found, strict=True)), strict=True))

    pessimism = max(abs(pessimistic(_HUGE, c) * math.sqrt(c) / 8 - 1) for c in (*_C, 0.25))
    control = Control("the classical momentum", compare(classical))
    return Evidence(compare(theirs) | {"pessimism_deviation": pessimism}, control)


def pessimistic(kappa: float, c: float) -> float:
    """Give the log-rate of the truth over that of the theorem's bound.

    Args:
        kappa: L1 / mu.
        c: The theorem's constant.

    Returns:
        The quotient.
    """
    numbers = Parameters(1.0, kappa, c)
    return math.log(numbers.exact_rate) / math.log(numbers.rate)


def largest_factor(method: Method, kappa: float) -> float:
    """Give the loss factor of a quadratic by a numerical eigenvalue solver.

    Args:
        method: A method with constant numbers.
        kappa: The largest of its 60 eigenvalues; the least is 1.

    Returns:
        The square of the largest radius.
    """
    matrices = dynamics.companion(method, torch.logspace(0, math.log10(kappa), 60).double())
    return float(torch.linalg.eigvals(matrices).abs().max()) ** 2


def slowest_mode(draw: Draw, method: Method, steps: int) -> tuple[Trajectory, torch.Tensor]:
    """Train a model, and read its residual along the slowest mode of A1.

    Args:
        draw: The model and its start.
        method: The method.
        steps: T.

    Returns:
        The run, and the component, shape (T + 1,).
    """
    run = grid((draw.model, draw.start), method=method).train(steps, keep_residuals=True)
    assert run.residuals is not None  # they were asked for
    return run, run.residuals[0] @ torch.linalg.svd(draw.model.A1).U[:, -1]


def _deviations(seed: int, tuning: Tuning) -> tuple[float, float, float]:
    # Of factor and beat from the formulas: by eigenvalues, and read off a run without u.
    draw, place = drawn(seed, (0.0, 0.0)), float(torch.rand(1, generator=draws.generator(seed)))
    numbers = Parameters(1.0, draw.told.kappa, between(_C, place))
    method = tuning(numbers)
    _, mode = slowest_mode(draw, method, int(25 / numbers.q))
    found = rates.free_factor(mode)
    trace, product = found.coefficients
    # A real root has the angle 0, and no beats.
    angle = math.acos(min(trace / 2 / math.sqrt(product), 1.0))
    return (
        abs(largest_factor(method, draw.told.kappa) - numbers.exact_rate),
        abs(found.factor**2 - numbers.exact_rate),
        abs(angle * numbers.beat_period / math.pi - 1),
    )
