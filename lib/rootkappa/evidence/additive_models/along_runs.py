"""The lemmas, the Lyapunov function and the two theorems, along runs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from rootkappa import draws
from rootkappa.evidence.additive_models.drawn import (
    CERTIFIED,
    CONSTANTS_C,
    LOWER,
    STRENGTHS,
    Draw,
    drawn,
)
from rootkappa.evidence.additive_models.quotients import leading, lengths, steepest
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.theorems import PartitionGradientDescent, PartitionNesterov
from rootkappa.theorems.liao2024provable.lyapunov import LyapunovTrace
from rootkappa.theorems.liao2024provable.partition import PartitionTheorem
from rootkappa.theorems.theorem import Run
from rootkappa.training import grid

# From certified to far beyond, for the two theorems.
_ANY = (CERTIFIED[0], 4.5)
# The activation of the paper's experiment.
_RELU = "relu"
# Below this share of its start a loss is rounding.
_FLOOR = 1e-24
# Far beyond what a method bears: 10 times the root of the largest kappa.
_TOO_STRONG = 100.0
_STRONG = rf"$\sigma_{{\max}}(A_2)={_TOO_STRONG:g}\,\sigma_{{\min}}(A_1)$"


def follow(draw: Draw, c: float) -> LyapunovTrace:
    """Run Nesterov with the theorem's numbers, and follow its Lyapunov function.

    Args:
        draw: The model and its start.
        c: The theorem's constant.

    Returns:
        The trace.
    """
    steps = int(22 * math.sqrt(draw.told.kappa / c))
    return PartitionNesterov(c).follow(draw.model, draw.start, steps, draw.told)


@measures("additive-models/lemmas")
def lemmas(seeds: Sequence[int]) -> Evidence:
    """Read each lemma's left over right side along certified runs.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def compare(least: float) -> dict[str, list[float]]:
        models = [drawn(seed, CERTIFIED, least, _RELU) for seed in seeds]
        along = [ratios(follow(draw, 0.25)) for draw in models]
        pairs = [lemma_5(draw, seed) for draw, seed in zip(models, seeds, strict=True)]
        return {name: [of[name] for of in along] for name in along[0]} | {
            "lemma_5": [ratio for ratio, _ in pairs],
            "lemma_5_as_printed": [printed for _, printed in pairs],
        }

    control = Control(f"a least eigenvalue of {LOWER:g} of the one told", compare(LOWER))
    told = [drawn(seed, CERTIFIED, activation=_RELU).told for seed in seeds]
    return Evidence(compare(1.0), control, [PartitionNesterov().check(of) for of in told])


def ratios(trace: LyapunovTrace) -> dict[str, float]:
    """Give the largest left over right side of each lemma along a run, above rounding.

    Args:
        trace: The run.

    Returns:
        The ratios; Lemma 5 is not among them, since it speaks of pairs of points.
    """
    found = {
        "lemma_4": 1 / trace.pl,
        "lemma_8": trace.lemma8,
        "lemma_9": trace.lemma9,
        "lemma_10_x": trace.lemma10_x,
        "lemma_10_u": trace.lemma10_u,
        "lemma_17": trace.lemma17,
    }
    return {name: float(ratio.nan_to_num(0.0).max()) for name, ratio in found.items()}


def lemma_5(draw: Draw, seed: int, L2: float = 4.0, pairs: int = 300) -> tuple[float, float]:
    """Give the largest left over right side of Lemma 5 for g(s) = L2/2 |s - b|^2.

    Each pair of points has its best Q. One pair is chosen: its residual points along the motion
    of h, where the lemma is an equality.

    Args:
        draw: The model.
        seed: The seed of the pairs.
        L2: Smoothness of the outer loss.
        pairs: How many.

    Returns:
        The ratio, and that of the lemma as it is printed, without its factor L2.
    """
    model, source = draw.model, draws.generator(seed)
    x, u, v = (draws.normal((pairs, len(model.A1), 1), source) for _ in range(3))
    v[0], reach = steepest(model)
    u[0] = v[0] + reach * leading(model.A2)
    at_u, at_v = model.perturbation(u[:1])[0], model.perturbation(v[:1])[0]
    x[0] = torch.linalg.solve(model.A1, model.Y - at_v + 5 * (at_u - at_v))
    f_u, f_v = (L2 / 2 * lengths(model.residual([x, w])).square() for w in (u, v))
    far = (draw.told.G1 * lengths(u - v)).square()
    right, printed = (
        (2 * weight * far).sqrt() + L2 / 2 * far  # the minimum over Q
        for weight in (L2 * f_v, f_v)
    )
    return float(((f_u - f_v) / right).max()), float(((f_u - f_v) / printed).max())


@measures("additive-models/lyapunov")
def lyapunov(seeds: Sequence[int]) -> Evidence:
    """Compare the Lyapunov function with its two bounds, at c = 1/4 and at c = 1.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence; `shown` has the strength of u of each draw, and for each c its runs.
    """

    def traces(strengths: tuple[float, float]) -> list[list[LyapunovTrace]]:
        models = [drawn(seed, strengths, activation=_RELU) for seed in seeds]
        return [[follow(draw, c) for c in CONSTANTS_C] for draw in models]

    def compare(runs: list[list[LyapunovTrace]]) -> dict[str, list[float]]:
        starts = [max(float(trace.start_ratio) for trace in pair) for pair in runs]
        return {"start": starts, "envelope": _largest(runs, 1)}

    found, strong = traces(STRENGTHS), traces((_TOO_STRONG, _TOO_STRONG))
    reports = [
        [PartitionNesterov(trace.numbers.c).check(trace.constants) for trace in pair]
        for pair in found
    ]
    shown = {
        "strength": [trace.constants.G1 for trace, _ in found],
        "runs": dict(zip(CONSTANTS_C, zip(*found, strict=True), strict=True)),
    }
    return Evidence(
        compare(found),
        Control(_STRONG, compare(strong)),
        reports,
        attained={"envelope": _largest(found)},
        shown=shown,
    )


def _largest(runs: list[list[LyapunovTrace]], first: int | None = None) -> list[float]:
    # Of phi_k / (r^k phi_0), from a step or from one time constant of the bound on.
    def from_on(trace: LyapunovTrace) -> float:
        begin = _constant(trace.numbers.rate) if first is None else first
        return float(trace.envelope[:, begin:].nan_to_num(math.inf, math.inf).max())

    return [max(map(from_on, pair)) for pair in runs]


@measures("additive-models/theorems")
def theorems(seeds: Sequence[int]) -> Evidence:
    """Compare the losses of gradient descent and of Nesterov with their bounds, at every step.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    every = [PartitionGradientDescent(), *map(PartitionNesterov, CONSTANTS_C)]

    def models(strengths: tuple[float, float]) -> list[Draw]:
        return [drawn(seed, strengths, activation=_RELU) for seed in seeds]

    def compare(some: list[Draw]) -> list[dict[str, list[float]]]:
        found = [[loss_ratios(theorem, draw) for theorem in every] for draw in some]
        return [
            {
                "gradient_descent": [of[0][place] for of in found],
                "nesterov": [max(ratio[place] for ratio in of[1:]) for of in found],
            }
            for place in (0, 1)
        ]

    of_any_strength = models(_ANY)
    found, late = compare(of_any_strength)
    return Evidence(
        found,
        Control(_STRONG, compare(models((_TOO_STRONG, _TOO_STRONG)))[0]),
        [[theorem.check(draw.told) for theorem in every] for draw in of_any_strength],
        attained=late,
    )


def loss_ratios(theorem: PartitionTheorem, draw: Draw) -> tuple[float, float]:
    """Give the largest loss over its bound along a run of the theorem's method, above rounding.

    Args:
        theorem: The theorem.
        draw: The model and its start.

    Returns:
        The ratio from the first step on, and from one time constant of the bound on; infinite for
        a run that overflowed.
    """
    if isinstance(theorem, PartitionNesterov):
        run: Run = follow(draw, theorem.c)  # the theorem speaks of the iterates
    else:
        steps = int(6 * draw.told.kappa)
        run = grid((draw.model, draw.start), method=theorem.tuning(draw.told)).train(steps)
    measured = theorem.measured(run)[0]
    bound = theorem.bound(draw.told, len(measured) - 1)
    ratio = (measured / bound)[bound > _FLOOR].nan_to_num(math.inf, math.inf)
    return float(ratio[1:].max()), float(ratio[_constant(theorem.rate(draw.told)[1]) :].max())


def _constant(rate: float) -> int:
    # One time constant of a bound, in steps.
    return math.ceil(1 / (1 - rate))
