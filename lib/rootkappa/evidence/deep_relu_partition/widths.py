"""From which width on Nesterov accelerates, and whether one number at the start says it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch

from rootkappa.evidence.deep_relu_partition.networks import (
    ACCURACY,
    HIDDEN,
    INPUTS,
    SAMPLES,
    Start,
    drawn,
    patience,
    twice_norms,
)
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import gradient_descent
from rootkappa.rates import scaling_exponent
from rootkappa.residuals.measured import mean_gram
from rootkappa.theorems import PartitionNesterov
from rootkappa.theorems.liao2024provable import WideNetwork

# (layers, last hidden width): the first always fails, the next three often.
NETWORKS = (
    *((3, 24), (3, 48), (4, 96), (4, 256)),
    *((4, 512), (3, 256), (3, 512), (3, 1024)),
)
_FAILING = ((3, 24), (4, 96))
_WIDE = (256, 512, 1024)
SWEEP = (512, 256, 128, 64, 32)
# G1 / sqrt(mu) falls as width^(-3/4).
_FALL = 0.75


class Attempt(NamedTuple):
    """A run of Nesterov.

    Args:
        control: G1 / sqrt(mu) at the start.
        works: Whether it reaches a loss of 1e-6 of the first.
    """

    control: float
    works: bool


@measures("deep-relu-partition/control-parameter")
def control_parameter(seeds: Sequence[int]) -> Evidence:
    """Run Nesterov in narrow and wide networks, and compare G1/sqrt(mu) of those that fail.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    tried = {key: [attempt(drawn(seed, *key)) for seed in seeds] for key in NETWORKS}
    frozen = [[attempt(drawn(seed, *key), frozen=True) for key in _FAILING] for seed in seeds]
    draws = list(zip(*tried.values(), strict=True))
    law = scaling_exponent(_WIDE, [[each.control for each in tried[3, w]] for w in _WIDE])
    return Evidence(
        {
            "least_failure": [_least_failure(draw) for draw in draws],
            "exponent": (law.value, law.interval),
            "overlap": _overlap(draws),
        },
        Control(
            "the hidden layers frozen, in two networks that fail",
            {"overlap": _overlap(frozen)},
        ),
        shown={"attempts": tried},
    )


@measures("deep-relu-partition/width")
def width(seeds: Sequence[int]) -> Evidence:
    """Compare the width of the theorem, that of its constants, and the one that works.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    wide = [drawn(seed, 3, _WIDE[-1]).constants for seed in seeds]
    # The width at which G1 = sqrt(mu).
    scales = [_WIDE[-1] * found.perturbation ** (1 / _FALL) for found in wide]
    certified = [PartitionNesterov().extrapolated_width(_WIDE[-1], found) for found in wide]
    works = [working_width(seed) for seed in seeds]
    louder = [working_width(seed, labels=30.0) for seed in seeds]
    explicit = [wide_network(seed, 3).required_width() for seed in seeds]
    return Evidence(
        {
            "printed": WideNetwork.printed_width(SAMPLES, INPUTS),
            "explicit": explicit,
            "works_over_scale": _over(works, scales),
        },
        Control("labels 30 times as large", {"works_over_scale": _over(louder, scales)}),
        shown={"works": works, "scale": scales, "certified": certified},
    )


def attempt(start: Start, frozen: bool = False) -> Attempt:
    """Run Nesterov with the step 1/L1.

    Args:
        start: The network at its start.
        frozen: Whether the hidden layers stay as they are.

    Returns:
        G1/sqrt(mu), and whether it works.
    """
    constants, method, model = start.constants, start.nesterov(), start.model
    trained = model.with_frozen(range(model.depth - 1)) if frozen else model
    run = Start(trained, start.weights).train(method, patience(constants))
    return Attempt(constants.perturbation, bool(run.steps_to(ACCURACY).isfinite()))


def working_width(seed: int, layers: int = 3, labels: float = 1.0) -> float:
    """Find the least width of the sweep from which on Nesterov is twice as fast as its rival.

    Args:
        seed: The seed of the draw.
        layers: Lambda.
        labels: What the labels are multiplied with.

    Returns:
        The width; infinite if it fails at the largest.
    """
    good = math.inf
    for wide in SWEEP:
        if not _accelerates(drawn(seed, layers, wide, labels=labels)):
            break
        good = wide
    return good


def wide_network(seed: int, layers: int) -> WideNetwork:
    """Give what Theorem 15 knows of a network whose last hidden layer grows.

    Args:
        seed: The seed of the draw.
        layers: Lambda.

    Returns:
        The network.
    """
    start = drawn(seed, layers, SAMPLES + 1)
    gram = mean_gram(start.model, start.weights)[0]
    return WideNetwork(
        X_norm=float(start.model.X.norm()),
        Y_norm=float(start.model.Y.norm()),
        gram_min=float(torch.linalg.eigvalsh(gram)[0]),
        gram_trace=float(gram.trace()),
        lambdas=tuple(twice_norms(start.weights[:-2])),
        fan_in=HIDDEN,
    )


def _least_failure(draw: Sequence[Attempt]) -> float:
    return min((found.control for found in draw if not found.works), default=math.inf)


def _overlap(draws: Sequence[Sequence[Attempt]]) -> float:
    # The largest control of a success over the least of a failure.
    best = max(found.control for draw in draws for found in draw if found.works)
    return best / min(map(_least_failure, draws))


def _accelerates(start: Start) -> bool:
    # Gradient descent need not be trained further than twice the steps of Nesterov.
    constants = start.constants
    fast = float(start.train(start.nesterov(), patience(constants)).steps_to(ACCURACY))
    if not math.isfinite(fast):
        return False
    slow = start.train(gradient_descent(1 / constants.L1), 2 * int(fast))
    return float(slow.steps_to(ACCURACY)) >= 2 * fast


def _over(works: Sequence[float], scales: Sequence[float]) -> list[float]:
    return [found / scale for found, scale in zip(works, scales, strict=True)]
