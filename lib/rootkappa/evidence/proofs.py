"""The book's own theorem along runs: condition, bound and every inequality of its proof."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from rootkappa import datasets, devices, draws
from rootkappa.architectures import DeepLinear, TwoLayerReLU, Weights
from rootkappa.evidence.deep_linear.networks import inputs, labels
from rootkappa.evidence.linear_resnet.stacked import data, modified
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import (
    Method,
    classical_gradient_descent,
    lazy_nesterov,
    modular_heavy_ball,
)
from rootkappa.problems import Spectrum
from rootkappa.reductions import sample_krylov, sample_orthogonal
from rootkappa.theorems import DeepLinearMomentum, ReluMomentum, Report, ResNetMomentum
from rootkappa.theorems.rootkappa2026momentum.responses import responses

METHODS: dict[str, Callable[[Spectrum], Method]] = {
    "gradient descent": classical_gradient_descent,
    "heavy ball": modular_heavy_ball,
    "Nesterov": lazy_nesterov,
}
# Closed forms of C and of G/kappa, by method.
CLOSED = {
    "gradient descent": (1.0, 2.0),
    "heavy ball": (2 / math.sqrt(3), 8 / math.sqrt(3)),
    "Nesterov": (3.0, 9.0),
}
KAPPA = 4.0
DEPTHS = (3, 10)
STEPS = 60
# The two-layer network: width, samples, inputs and the norm of all labels together.
WIDTH, SAMPLES, INPUTS, SIZE = 8192, 8, 32, 1e-2
RELU_STEPS = 25
_NARROW, _LARGE = 64, 100.0
_BLOCKS = 3  # what is cut off a Gaussian network of this width is rounding
_BALL = ("heavy ball",)  # the method of the controls

Problem = tuple[Any, Weights]


@dataclass(frozen=True)
class Proved:
    """The theorem on the networks of one draw.

    Args:
        reports: Its hypotheses, by network and method.
        runs: The inequalities of its proof along a run of each.
        spent: 2 theta G of each.
    """

    reports: list[Report]
    runs: list[Report]
    spent: list[float]

    @property
    def shares(self) -> dict[str, float]:
        """The largest share of its bound that each inequality uses."""
        rows = [{item.name: item.needed for item in run.hypotheses} for run in self.runs]
        return {name: max(row[name] for row in rows) for name in rows[0]}


def proved(
    theorem: type[Any],
    problems: Iterable[Problem],
    steps: int,
    methods: Iterable[str] = tuple(METHODS),
) -> Proved:
    """Check the theorem on networks and follow its proof along a run of each method.

    Args:
        theorem: Its class, for one architecture.
        problems: Networks with one start each.
        steps: T.
        methods: Names of `METHODS`.

    Returns:
        What was found.
    """
    cases = [(theorem(METHODS[name]), one) for one in problems for name in methods]
    reports = [claim.check(problem) for claim, problem in cases]
    return Proved(
        reports,
        [claim.along(problem, steps) for claim, problem in cases],
        [float(report["2 theta G at most 1"].needed) for report in reports],
    )


def orthogonal(seed: int, depth: int, width: int | None = None, size: float = 1.0) -> Problem:
    """Draw an orthogonal network of the width that the corollary asks for, in its reduced form.

    Args:
        seed: The seed of labels and weights.
        depth: L.
        width: Another width.
        size: What the labels are multiplied with.

    Returns:
        The network and its start.
    """
    X = inputs(KAPPA)
    Y = size * labels(X, [seed])[0]
    asked = DeepLinearMomentum().required_width(DeepLinear(X, Y, len(X) + len(Y), depth))
    drawn = sample_orthogonal(X, Y, width or math.ceil(asked), depth, [seed])
    return drawn.model, drawn.weights


def gaussian(seed: int, width: int | None = None) -> Problem:
    """Draw a Gaussian network of depth 3 and the same width, cut to its first Krylov blocks.

    Args:
        seed: The seed of labels and weights.
        width: Another width.

    Returns:
        The network and its start.
    """
    X = inputs(KAPPA)
    Y = labels(X, [seed])[0]
    asked = DeepLinearMomentum().required_width(DeepLinear(X, Y, len(X) + len(Y), 3))
    drawn = sample_krylov(X, Y, width or math.ceil(asked), [seed], blocks=_BLOCKS)
    return drawn.model, drawn.weights


def residual(seed: int, depth: int, scale: float | None = None, size: float = 1.0) -> Problem:
    """Draw a modified identity of the scale that the corollary asks for.

    Args:
        seed: The seed of the data.
        depth: L.
        scale: Another product s_A s_B.
        size: What the labels are multiplied with.

    Returns:
        The network and its start.
    """
    problem = data(seed, KAPPA)
    problem = datasets.Dataset(problem.X, size * problem.Y)
    asked = ResNetMomentum().required_scale(modified(problem, depth, 1.0))
    model = modified(problem, depth, math.sqrt(scale or asked))
    return model, model.initialise([0])


def two_layers(seed: int, size: float = SIZE, *, twice: bool = False) -> Problem:
    """Draw a two-layer ReLU network that starts at 0, with small labels.

    Args:
        seed: The seed of points, labels and weights.
        size: The norm of all labels together.
        twice: Whether the first point comes again, with `size` and its opposite as labels.

    Returns:
        The network and its start.
    """
    points = datasets.sphere(d=INPUTS, n=SAMPLES, seed=devices.seed(proofs=seed))
    X, Y = points.X, size * points.Y / points.Y.norm()
    if twice:
        pair = torch.tensor([[size, -size]], dtype=torch.float64)
        X, Y = torch.cat([X, X[:, :1]], dim=1), torch.cat([pair[:, :1], Y[:, 1:], pair[:, 1:]], 1)
    W, a = TwoLayerReLU(X, Y, WIDTH, "antisymmetric").initialise([seed])
    # A run moves the weights along the inputs alone: the other directions are left out.
    span = torch.linalg.qr(points.X).Q
    return TwoLayerReLU(span.T @ X, Y, WIDTH, "antisymmetric"), [W @ span, a]


@measures("proofs/deep-linear")
def deep_linear(seeds: Sequence[int]) -> Evidence:
    """Follow the proof on orthogonal and Gaussian networks of the corollary's width.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence; shown are the draws.
    """
    held = [
        proved(
            DeepLinearMomentum,
            [*(orthogonal(seed, depth) for depth in DEPTHS), gaussian(seed)],
            STEPS,
        )
        for seed in seeds
    ]
    narrow = [
        proved(DeepLinearMomentum, [orthogonal(seed, DEPTHS[0], _NARROW, _LARGE)], STEPS, _BALL)
        for seed in seeds
    ]
    return _evidence(held, narrow, f"width {_NARROW}, labels {_LARGE:.0f} times as large")


@measures("proofs/linear-resnet")
def linear_resnet(seeds: Sequence[int]) -> Evidence:
    """Follow the proof on residual networks of the least width and the corollary's scale.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence; shown are the draws.
    """
    held = [
        proved(ResNetMomentum, (residual(seed, depth) for depth in DEPTHS), STEPS) for seed in seeds
    ]
    small = [
        proved(ResNetMomentum, [residual(seed, DEPTHS[0], 1.0, _LARGE)], STEPS, _BALL)
        for seed in seeds
    ]
    return _evidence(held, small, f"scale 1, labels {_LARGE:.0f} times as large")


@measures("proofs/two-layer-relu")
def two_layer_relu(seeds: Sequence[int]) -> Evidence:
    """Follow the proof on two-layer ReLU networks.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence; shown are the draws.
    """
    held = [proved(ReluMomentum, [two_layers(seed)], RELU_STEPS) for seed in seeds]
    twice = [
        proved(ReluMomentum, [two_layers(seed, twice=True)], RELU_STEPS, _BALL) for seed in seeds
    ]
    return _evidence(held, twice, f"one point twice, with labels {SIZE:g} and -{SIZE:g}")


@measures("proofs/responses")
def closed_forms(seeds: Sequence[int]) -> Evidence:
    """Compare the sums of Lemma 1 with their closed forms on random spectra.

    Args:
        seeds: The seeds of the spectra.

    Returns:
        The evidence.
    """
    held = [_sums(seed, 1.0) for seed in seeds]
    slow = [_sums(seed, 0.1) for seed in seeds]
    what = "a least eigenvalue of a tenth of the one tuned for"
    return Evidence(_columns(held), Control(what, _columns(slow)))


def _sums(seed: int, least: float) -> dict[str, float]:
    # C and G over their closed forms, the worse method, on ten eigenvalues of kappa up to 36.
    kappa, *inner = torch.rand(9, generator=draws.generator(seed), dtype=torch.float64).tolist()
    kappa = 36**kappa
    ends = [least / kappa, 1.0]
    values = Spectrum.of_values(torch.tensor([*ends, *(kappa ** (u - 1) for u in inner)]).double())
    found = {"start": 0.0, "kick": 0.0}
    for name, (start, kick) in CLOSED.items():
        sums = responses(METHODS[name](Spectrum(1 / kappa, 1.0)), values)
        found["start"] = max(found["start"], sums.start / start)
        found["kick"] = max(found["kick"], sums.kick / (kick * kappa))
    return found


def _evidence(held: Sequence[Proved], broken: Sequence[Proved], what: str) -> Evidence:
    return Evidence(
        _columns([one.shares for one in held]),
        Control(what, _columns([one.shares for one in broken])),
        hypotheses=[one.reports for one in held],
        shown={"held": held, "broken": broken},
    )


def _columns(rows: Sequence[dict[str, float]]) -> dict[str, list[float]]:
    return {name: [row[name] for row in rows] for name in rows[0]}
