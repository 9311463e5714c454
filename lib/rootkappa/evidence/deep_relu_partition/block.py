"""The block that is strongly convex: its zeros, its inequality, and the Lyapunov function."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from rootkappa.architectures import PartitionedReLU, Weights, rotation
from rootkappa.evidence.deep_relu_partition.networks import NARROW, Start, drawn, patience
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import walk
from rootkappa.theorems import PartitionNesterov
from rootkappa.theorems.report import Hypothesis, Report
from rootkappa.training import grid

_NARROW = f"a last hidden layer of {NARROW} units"
# The control shows within so many steps that it fails.
_ENOUGH = 150
# Its strong convexity falls to half by then.
_LONGER = 500
_FLOOR = 1e-16


@measures("deep-relu-partition/partition")
def partition(seeds: Sequence[int], width: int = 128, steps: int = 200) -> Evidence:
    """Count flat directions of the last layer, and run Nesterov in rotated coordinates.

    Args:
        seeds: The seeds of the draws.
        width: The last hidden width.
        steps: How many steps to run.

    Returns:
        The evidence.
    """
    starts = [drawn(seed, 3, width) for seed in seeds]
    found = [differences(start, steps) for start in starts]
    turned, stretched = map(list, zip(*found, strict=True))
    return Evidence(
        {"zero_eigenvalues": [flat(start) for start in starts], "rotated_minus_plain": turned},
        Control(
            "the rotation, with x stretched to twice its length",
            {"rotated_minus_plain": stretched},
        ),
    )


def flat(start: Start) -> int:
    """Count the directions of a row of the last layer in which the loss does not curve.

    Args:
        start: The network at its start.

    Returns:
        Eigenvalues of the Hessian below 1e-10 of the largest.
    """
    features = start.model.features(start.weights)[-1][0]
    values = torch.linalg.eigvalsh(features @ features.mT)
    return int((values < 1e-10 * values[-1]).sum())


def differences(start: Start, steps: int) -> tuple[float, float]:
    """Run Nesterov in other coordinates of the last layer, and compare with the plain run.

    Args:
        start: The network at its start.
        steps: How many steps to run.

    Returns:
        The largest difference of a weight at the end, in the coordinates of the rotation, and in
        those that besides stretch x to twice its length.
    """
    turn = rotation(start.model, start.weights)[0]
    stretch = torch.ones(len(turn), dtype=turn.dtype)
    stretch[: start.model.Y.shape[1]] = 2.0
    plain = _run(start, torch.eye(len(turn), dtype=turn.dtype), steps)

    def difference(change: torch.Tensor) -> float:
        pairs = zip(plain, _run(start, change, steps), strict=True)
        return max(float((a - b).abs().max()) for a, b in pairs)

    return difference(turn), difference(turn * stretch)


@measures("deep-relu-partition/pl")
def polyak_lojasiewicz(seeds: Sequence[int]) -> Evidence:
    """Compare the gradient in x with the loss along Nesterov's runs, with the mu of Lemma 14.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    found = [[_inequality(drawn(seed, 3, width)) for width in (512, 1024)] for seed in seeds]
    narrow = [_inequality(drawn(seed, 3, NARROW), _LONGER) for seed in seeds]
    return Evidence(
        {"worst": [max(run.worst for run in runs) for runs in found]},
        Control(_NARROW, {"worst": [run.worst for run in narrow]}),
        hypotheses=[[run.report for run in runs] for runs in found],
        attained={"worst": [max(run.late for run in runs) for runs in found]},
        shown={"runs": found},
    )


@measures("deep-relu-partition/lyapunov")
def lyapunov(seeds: Sequence[int]) -> Evidence:
    """Follow the Lyapunov function of the proof along Nesterov's runs.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    cases = ((256, 1.0), (512, 1.0), (256, 0.25))
    found = [[_followed(drawn(seed, 3, w), c) for w, c in cases] for seed in seeds]
    narrow = [_followed(drawn(seed, 3, NARROW), 1.0, _ENOUGH) for seed in seeds]
    return Evidence(
        {"envelope": [max(run.worst for run in runs) for runs in found]},
        Control(_NARROW, {"envelope": [run.worst for run in narrow]}),
        hypotheses=[[run.report for run in runs] for runs in found],
        attained={"envelope": [max(run.late for run in runs) for runs in found]},
        shown={
            "wide": [runs[0].curve for runs in found],
            "narrow": [run.curve for run in narrow],
        },
    )


def _run(start: Start, change: torch.Tensor, steps: int) -> Weights:
    # In the coordinates V of the last layer with W = V A^T, whose gradient is G A.
    def gradient(point: Weights) -> Weights:
        *hidden, last = start.model.gradient([*point[:-1], point[-1] @ change.mT])
        return [*hidden, last @ change]

    *hidden, last = start.weights
    begin = [*hidden, torch.linalg.solve(change, last.mT).mT]
    *_, end = walk(start.nesterov(0.25), gradient, begin, steps)
    return [*end.weights[:-1], end.weights[-1] @ change.mT]


class _Along(NamedTuple):
    # A bound along a run: measured over bound at its worst, from step 1/(1 - r) on, and where
    # the hypotheses stand.
    worst: float
    late: float
    report: Report
    curve: torch.Tensor


def _along(ratios: torch.Tensor, at: Sequence[int], rate: float, report: Report) -> _Along:
    values = ratios.nan_to_num(math.inf, math.inf)
    late = [value for k, value in zip(at, values.tolist(), strict=True) if k >= 1 / (1 - rate)]
    return _Along(float(values.max()), max(late, default=math.nan), report, values)


def _inequality(start: Start, steps: int | None = None) -> _Along:
    # 2 mu (f - f*) / ||grad_1 f||^2 at every fourth point, and the least mu on the way.
    constants, basis = start.constants, PartitionedReLU(start.model, start.weights).basis
    # Lemma 14 takes half of the mu at the start, so that it may fall on the way.
    mu, numbers = constants.mu / 2, PartitionNesterov(1.0).numbers(constants)

    def seen(now: Any) -> torch.Tensor:
        block = basis.mT @ now.model.features(now.weights)[-1]
        residual = now.model.residual(now.weights)
        squares = (residual.norm() / (residual @ block.mT).norm()).square()
        # A run that diverged has no singular values, and keeps no mu.
        least = torch.linalg.svdvals(block.nan_to_num(0.0, 0.0, 0.0))[0, -1].square()
        return torch.stack([mu * squares, least])[None]

    steps = steps or patience(constants)
    runs = grid((start.model, start.weights), method=start.nesterov())
    looks = {"observers": {"both": seen}, "observe_at": range(0, steps + 1, 4)}
    run = runs.train(steps, progress=False, **looks)
    ratios, least = run.observed["both"][0].mT
    lowest = float(least.nan_to_num(0.0).min())
    convex = Hypothesis(
        "strong convexity in x along the run, with half of the first mu", mu, lowest
    )
    return _along(ratios, run.observed_at, numbers.rate, Report("Lemma 4", (convex,)))


def _followed(start: Start, c: float, steps: int | None = None) -> _Along:
    # phi_k / (r^k phi_0) for k >= 1, as long as phi lies above rounding.
    theorem, constants = PartitionNesterov(c), start.constants
    blocks = PartitionedReLU(start.model, start.weights)
    steps = steps or math.ceil(1.1 / (1 - theorem.numbers(constants).rate))
    trace = theorem.follow(blocks, start.weights, steps, constants)
    above = ~(trace.phi[0] <= _FLOOR * trace.phi[0, 0])
    until = int(above.long().cumprod(0).sum())
    curve, rate = trace.envelope[0, :until], trace.numbers.rate
    found = _along(curve[1:], range(1, until), rate, theorem.check(constants))
    return found._replace(curve=curve)
