"""Gaussian maps of growing width against their limit, the modified identity."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rootkappa.architectures import LinearResNet
from rootkappa.datasets import Dataset
from rootkappa.evidence.linear_resnet.stacked import (
    TUNINGS,
    Stacked,
    by_method,
    data,
    modified,
    of_draws,
    residuals,
    sampled,
    trained,
    tuned,
)
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method
from rootkappa.rates import scaling_exponent
from rootkappa.rates.scaling import Exponent

# The exponents are fitted to the wide ones.
WIDTHS = (20, 100, 10**3, 10**4, 10**5, 10**6, 10**7, 10**8)
_WIDE = 6
_DEPTH = 4
_SCALE = 2.0
_STEPS = 150
_LATER = 20


@measures("linear-resnet/infinite-width")
def infinite_width(seeds: Sequence[int]) -> Evidence:
    """Measure how the distance to the modified identity falls with the width.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    problems = [data(seed) for seed in seeds]
    norms = torch.stack([problem.Y.norm() for problem in problems])
    stack = Stacked.of([modified(problem, _DEPTH, _SCALE) for problem in problems])
    methods = [[_calm(method) for method in each] for each in tuned(stack)]
    wrong = Stacked.of([_too_large(problem) for problem in problems])
    limit, off = (_residuals(each, methods) for each in (stack, wrong))
    distances: dict[str, list[torch.Tensor]] = {"all": [], "later": [], "off": []}
    for width in WIDTHS:
        drawn = _residuals(_gaussian(problems, seeds, width), methods)
        apart, from_wrong = ((drawn - of).norm(dim=3) / norms[:, None] for of in (limit, off))
        distances["all"].append(apart.amax(2))
        distances["later"].append(apart[..., _LATER:].amax(2))
        distances["off"].append(from_wrong.amax(2))
    tables = {name: torch.stack(rows) for name, rows in distances.items()}
    control = Control(
        "a modified identity with $s_A$ ten per cent too large", _exponents(tables["off"])
    )
    shown = {name: of_draws(table) for name, table in tables.items()}
    found = _exponents(tables["all"], tables["later"])
    mean = _of_the_mean(tables["all"], tables["later"])
    return Evidence({**found, "mean": mean}, control, shown=shown)


def _calm(method: Method) -> Method:
    return Method(0.7 * method.step_size, method.momentum, method.extrapolation)


def _too_large(problem: Dataset) -> LinearResNet:
    X, Y = problem.X, problem.Y
    return LinearResNet.modified_identity(X, Y, len(X) + len(Y), _DEPTH, 1.1 * _SCALE, _SCALE)


def _gaussian(problems: Sequence[Dataset], seeds: Sequence[int], width: int) -> Stacked:
    pairs = zip(problems, seeds, strict=True)
    return Stacked.of([sampled(problem, width, _DEPTH, seed, _SCALE) for problem, seed in pairs])


def _residuals(stack: Stacked, methods: Sequence[Sequence[Method]]) -> torch.Tensor:
    return residuals(trained(stack, methods, _STEPS, keep_residuals=True), len(methods))


def _exponents(*tables: torch.Tensor) -> dict[str, list[float]]:
    # Of each method and draw; of several tables of distances the one farther from -1/2.
    def of_method(row: int) -> list[float]:
        each = [[_fit(column).value for column in table[:, row].T] for table in tables]
        return [max(values, key=_off) for values in zip(*each, strict=True)]

    return by_method(of_method(row) for row in range(len(TUNINGS)))


def _of_the_mean(*tables: torch.Tensor) -> tuple[float, tuple[float, float]]:
    # Over all draws, of the method and table whose interval reaches farthest.
    fits = [_fit(table[:, row]) for table in tables for row in range(len(TUNINGS))]
    worst = max(fits, key=lambda fit: max(map(_off, fit.interval)))
    return worst.value, worst.interval


def _fit(distances: torch.Tensor) -> Exponent:
    return scaling_exponent(WIDTHS[-_WIDE:], distances[-_WIDE:])


def _off(exponent: float) -> float:
    return abs(exponent + 0.5)
