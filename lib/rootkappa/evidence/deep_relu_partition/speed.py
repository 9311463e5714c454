"""How fast gradient descent and Nesterov run in wide networks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from rootkappa.evidence.deep_relu_partition.networks import Start, drawn, lemma14, patience
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method, gradient_descent
from rootkappa.rates import effective_factor
from rootkappa.theorems import PartitionGradientDescent, PartitionNesterov

_WIDTHS = {"gradient descent": 512, "nesterov": 2048}
# Of the residual: the window of the rate. The beats of Nesterov's modes need a long one.
_SLOW, _FAST = (1e-2, 1e-4), (1e-3, 1e-11)
_LONGEST = 20000
# A control shows within so many steps that it fails.
_ENOUGH = 400


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
    stiff = [_misjudged(drawn(seed, 3, _WIDTHS["gradient descent"])) for seed in seeds]
    return Evidence(
        {"gd_over_formula": [rate.over_formula for rate in slow]} | _compared(fast),
        Control(r"Nesterov with the $\mu$ and $L_1$ of Lemma 14, at width 512", _compared(stiff)),
        hypotheses=[
            [slower.report, faster.report] for slower, faster in zip(slow, fast, strict=True)
        ],
        shown={"gradient descent": slow, "nesterov": fast},
    )


class Rate(NamedTuple):
    """A factor of the loss a step.

    Args:
        measured: Of the run, over a window.
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

    @property
    def over_formula(self) -> float:
        """The rate, -log of the factor, over that of the quadratic."""
        return math.log(self.measured) / math.log(self.formula)

    @property
    def over_bound(self) -> float:
        """The rate over that of the theorem."""
        return math.log(self.measured) / math.log(self.bound)


def late_factor(start: Start, method: Method, window: tuple[float, float], steps: int) -> float:
    """Train, and read the factor a step of the loss.

    Args:
        start: The network at its start.
        method: The method.
        window: From which residual to which, over the first one.
        steps: The most steps.

    Returns:
        The factor; of a run that does not arrive, over the second half of its steps, and 1 if it
        grows without bound.
    """
    norms = start.train(method, steps, window[1]).residual_norms[0]
    norms = norms[: int(torch.isfinite(norms).sum())] / norms[0]
    last, below = len(norms) - 1, (norms <= window[0]).double()
    first = int(below.argmax()) if bool(below.any()) else last // 2
    return min(effective_factor(norms, (first, last)).factor ** 2, 1.0)


def _descent(start: Start) -> Rate:
    constants = start.constants
    measured = late_factor(start, gradient_descent(1 / constants.L1), _SLOW, _LONGEST)
    formula, theorem = (1 - 1 / constants.kappa) ** 2, PartitionGradientDescent()
    return Rate(
        measured, formula, theorem.rate(constants)[1], constants.kappa, theorem.check(constants)
    )


def _nesterov(start: Start) -> Rate:
    method = start.nesterov()
    return _compare(start, method, 2 * patience(start.constants))


def _misjudged(start: Start) -> Rate:
    method = PartitionNesterov(1.0).tuning(lemma14(start))
    return _compare(start, method, _ENOUGH)


def _compare(start: Start, method: Method, steps: int) -> Rate:
    constants, theorem = start.constants, PartitionNesterov(1.0)
    measured = late_factor(start, method, _FAST, steps)
    numbers = theorem.numbers(constants)
    return Rate(
        measured, numbers.exact_rate, numbers.rate, constants.kappa, theorem.check(constants)
    )


def _compared(rates: Sequence[Rate]) -> dict[str, list[float]]:
    # The last residuals are only a thousand times their rounding: further digits depend on the
    # order of sums.
    return {
        "nesterov_deviation": [round(abs(rate.measured / rate.formula - 1), 4) for rate in rates],
        "log_rate_over_bound": [round(rate.over_bound, 1) for rate in rates],
    }
