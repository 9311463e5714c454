"""How fast the three methods are, and how near a linear residual network is to a quadratic."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence

import torch

from rootkappa import rates
from rootkappa.architectures import LinearResNet
from rootkappa.datasets import Dataset
from rootkappa.dynamics import frozen_residuals
from rootkappa.evidence.linear_resnet.stacked import (
    TUNINGS,
    Stacked,
    by_method,
    data,
    modified,
    of_draws,
    residuals,
    sampled,
    start,
    trained,
    tuned,
)
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import gradient_descent
from rootkappa.theorems import ResNetNesterov
from rootkappa.theorems.report import Report

Network = Callable[[Dataset, int, float], LinearResNet]

KAPPAS = (4, 16, 64, 256)
DEPTHS = (3, 10)
PRODUCTS = (64, 128, 256, 512, 1024)
_ACCURACY = 1e-6
_SCALE = 3.0
_METHODS = len(TUNINGS)


@measures("linear-resnet/acceleration")
def acceleration(seeds: Sequence[int]) -> Evidence:
    """Count steps against kappa at the theorem's width, and compare tails at two depths.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    drawn = [[_wide(data(seed, kappa), seed) for seed in seeds] for kappa in KAPPAS]
    stacks = [Stacked.of([model for model, _ in each]) for each in drawn]
    reports = [[report for _, report in of_seed] for of_seed in zip(*drawn, strict=True)]
    counts = torch.stack(
        [_counts(stack, kappa) for stack, kappa in zip(stacks, KAPPAS, strict=True)]
    )
    still = torch.stack(
        [_counts(stack, kappa, momentum=False) for stack, kappa in zip(stacks, KAPPAS, strict=True)]
    )
    found = by_method(_exponents(KAPPAS, counts[:, row], True) for row in range(_METHODS))
    control = Control(
        "Nesterov's step with momentum 0", {"nesterov": _exponents(KAPPAS, still[:, 0], True)}
    )
    return Evidence(
        found | {"depth_change": _depth_changes(seeds)},
        control,
        reports,
        shown={"counts": of_draws(counts)},
    )


def _wide(problem: Dataset, seed: int) -> tuple[LinearResNet, Report]:
    # In reduced form, half as wide again as the theorem asks, and what the theorem says of it.
    theorem = ResNetNesterov()
    width = math.ceil(1.5 * theorem.required_width(modified(problem, DEPTHS[0], _SCALE)))
    model = sampled(problem, width, DEPTHS[0], seed, _SCALE)
    meant = copy.copy(model)
    meant.width = width
    return model, theorem.check(meant)


def _counts(stack: Stacked, kappa: int, momentum: bool = True) -> torch.Tensor:
    # Steps to the accuracy, shape (methods, R).
    methods = tuned(stack)
    if not momentum:
        methods = [[gradient_descent(method.step_size) for method in methods[-1]]]
    run = trained(stack, methods, 30 * kappa + 100, tolerance=_ACCURACY)
    return run.steps_to(_ACCURACY).reshape(len(methods), -1)


def _exponents(x: Sequence[float], columns: torch.Tensor, rounded: bool = False) -> list[float]:
    # Of the columns, one a draw.
    return [rates.scaling_exponent(x, each, rounded=rounded).value for each in columns.T]


def _depth_changes(seeds: Sequence[int]) -> list[float]:
    tails = []
    for depth in DEPTHS:
        stack = Stacked.of([modified(data(seed), depth, 4.0) for seed in seeds])
        run = trained(stack, tuned(stack), 300, keep_residuals=True)
        factors = [tail.factor for tail in rates.tail_factors(run)]
        tails.append(torch.tensor(factors, dtype=torch.float64).reshape(_METHODS, -1))
    # Below this the digits are those of rounding, and differ between processors.
    changes: list[float] = (tails[1] - tails[0]).abs().amax(0).clamp_min(2e-4).tolist()
    return changes


@measures("linear-resnet/linearisation-gap")
def linearisation_gap(seeds: Sequence[int]) -> Evidence:
    """Measure how the distance to the recursion with the kernel of the start falls with the scales.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    problems = [data(seed) for seed in seeds]
    gaps = {depth: _gaps(problems, depth, modified) for depth in DEPTHS}
    overlapping = _gaps(problems, DEPTHS[0], _overlapping)
    each = [
        [_exponents(PRODUCTS, gaps[depth][:, row]) for depth in DEPTHS] for row in range(_METHODS)
    ]
    found = by_method(
        [max(pair, key=lambda value: abs(value + 2)) for pair in zip(*pairs, strict=True)]
        for pairs in each
    )
    broken = by_method(_exponents(PRODUCTS, overlapping[:, row]) for row in range(_METHODS))
    control = Control(r"identity maps, $BA=s_As_B\,(I\,0)$, from the same residual", broken)
    return Evidence(
        found,
        control,
        shown={"gaps": of_draws(gaps[DEPTHS[0]]), "overlapping": of_draws(overlapping)},
    )


def _overlapping(problem: Dataset, depth: int, scale: float) -> LinearResNet:
    # Labels are taken from where the network starts, so that the residual there is the same.
    X, Y = problem.X, problem.Y
    centred = Y + scale**2 * X[: len(Y)]
    return LinearResNet.identity(X, centred, len(X), depth, scale, scale)


def _gaps(problems: Sequence[Dataset], depth: int, network: Network) -> torch.Tensor:
    # sup_t ||xi_t - xi_t^lin|| / ||xi_0||, shape (products, methods, R).
    found = []
    for product in PRODUCTS:
        stack = Stacked.of([network(problem, depth, math.sqrt(product)) for problem in problems])
        methods, kernels = tuned(stack), stack.tangent_kernel(start(stack))
        run = trained(stack, methods, 120, keep_residuals=True)
        measured = residuals(run, _METHODS)
        frozen = [
            frozen_residuals(method, kernel, first, 120)
            for own, of_method in zip(methods, measured, strict=True)
            for method, kernel, first in zip(own, kernels, of_method[:, 0], strict=True)
        ]
        apart = measured - torch.stack(frozen).reshape(measured.shape)
        found.append(apart.norm(dim=3).amax(2) / measured[:, :, 0].norm(dim=2))
    return torch.stack(found)
