"""How fast gradient descent and Nesterov run in wide networks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from rootkappa.evidence.deep_relu_partition.networks import NARROW, Start, drawn, patience
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method, gradient_descent
from rootkappa.rates import effective_factor
from rootkappa.theorems import PartitionGradientDescent, PartitionNesterov

_WIDTHS = {"gradient descent": 1024, "nesterov": 2048}
# Of the residual: where a run ends, and where the window of its rate begins.
_LAST, _FIRST = 1e-6, 1e-3
_LONGEST = 20000


@measures("deep-relu-partition/rates")
def rates(seeds: Sequence[int]) -> Evidence:
    """Compare the factor a step of the loss with those of a quadratic, from constants at the start.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    slow = [_descent(drawn(seed, 3, _WIDTHS["gradient descent"])) for seed in seeds]
    starts = [drawn(seed, 3, _WIDTHS["nesterov"]) for seed in seeds]
    fast = [_nesterov(start) for start in starts]
    narrow = [_nesterov(drawn(seed, 3, NARROW)) for seed in seeds]
    over = [math.log(rate.measured) / math.log(rate.formula) for rate in slow]
    return Evidence(
        {"gd_over_formula": over} | _compared(fast),
        Control(f"a last hidden layer of {NARROW} units", _compared(narrow)),
        hypotheses=[[slower.report, faster.report] for slower, faster in zip(slow, fast, strict=True)],
        shown={"gradient descent": slow, "nesterov": fast},
    )


class Rate(NamedTuple):
    """A factor of the loss a step.

    Args:
        measured: Of the run, over its later half in logarithms.
        formula: Of a quadratic with the same mu and L1.
        bound: The theorem's.
        kappa: L1 / mu at the start.
        report: The theorem's check on the constants at the start.
    """

    measured: float
    formula: float
    bound: float
    kappa: float
    report: Any


def late_factor(start: Start, method: Method, steps: int) -> float:
    """Train to a residual of 1e-6 and read the factor a step of the loss from 1e-3 on.

    Args:
        start: The network at its start.
        method: The method.
        steps: The most steps.

    Returns:
        The factor; of a run that does not arrive, over the second half of its steps, and 1 if it
        grows without bound.
    """
    norms = start.train(method, steps, _LAST).residual_norms[0]
    norms = norms[: int(torch.isfinite(norms).sum())] / norms[0]
    last = len(norms) - 1
    first = int((norms <= _FIRST).double().argmax()) if bool((norms <= _FIRST).any()) else last // 2
    return min(effective_factor(norms, (first, last)).factor ** 2, 1.0)


def _descent(start: Start) -> Rate:
    constants = start.constants
    measured = late_factor(start, gradient_descent(1 / constants.L1), _LONGEST)
    formula, theorem = (1 - 1 / constants.kappa) ** 2, PartitionGradientDescent()
    return Rate(
        measured, formula, theorem.rate(constants)[1], constants.kappa, theorem.check(constants)
    )


def _nesterov(start: Start) -> Rate:
    constants, theorem = start.constants, PartitionNesterov(1.0)
    measured = late_factor(start, theorem.tuning(constants), patience(constants))
    numbers = theorem.numbers(constants)
    return Rate(
        measured, numbers.exact_rate, numbers.rate, constants.kappa, theorem.check(constants)
    )


def _compared(rates: Sequence[Rate]) -> dict[str, list[float]]:
    return {
        "nesterov_deviation": [abs(rate.measured / rate.formula - 1) for rate in rates],
        "log_rate_over_bound": [math.log(rate.measured) / math.log(rate.bound) for rate in rates],
    }
